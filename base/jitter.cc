#include "base/jitter.h"

#include <cstdint>

namespace flotilla {

Duration UniformUpTo(Random& random, Duration most) {
  const std::int64_t millis = absl::ToInt64Milliseconds(most);
  if (millis <= 0) {
    return absl::ZeroDuration();
  }
  return absl::Milliseconds(
      static_cast<std::int64_t>(UniformBelow(random, static_cast<std::uint64_t>(millis) + 1)));
}

}  // namespace flotilla
