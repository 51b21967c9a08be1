// Any text as a recurrence rule: it ends, and openings are in order and not before the asked time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <string_view>

#include "controller/rollout/recurrence.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view rule(reinterpret_cast<const char*>(data), size);
  absl::CivilSecond from(2026, 11, 23, 9, 30, 0);
  for (const absl::CivilSecond opening : flotilla::rollout::OpeningsFrom(rule, from, 256)) {
    if (opening < from) std::abort();
    from = opening + 1;
  }
  if (flotilla::rollout::CheckRecurrence(rule).ok() && size > 256) std::abort();
  return 0;
}
