// The label by which a device says how often it opens a session.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "controller/session/session_cycle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto every =
      flotilla::controller::ParseSessionEvery({reinterpret_cast<const char*>(data), size});
  if (every.has_value() && (*every < absl::Minutes(1) || *every > absl::Hours(24))) {
    std::abort();
  }
  return 0;
}
