// The trailer by which a peer asks to be left alone for a while.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/retry_after.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto asked = flotilla::RetryAfterOf(flotilla::WithRetryAfterTrailer(
      flotilla::Unavailable("later"), {reinterpret_cast<const char*>(data), size}));
  if (asked.has_value() && (*asked < absl::ZeroDuration() || *asked > flotilla::kMostRetryAfter)) {
    std::abort();
  }
  return 0;
}
