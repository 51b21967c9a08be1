#include "base/backoff.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace flotilla {

Backoff::Backoff(const BackoffOptions& options, Random& random)
    : options_(options), random_(random), ceiling_(options.base) {}

Duration Backoff::Next() {
  const auto span_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, absl::ToInt64Milliseconds(ceiling_)));
  ceiling_ = std::min(options_.cap, ceiling_ * 2);
  return absl::Milliseconds(static_cast<std::int64_t>(UniformBelow(random_, span_ms + 1)));
}

void Backoff::Reset() {
  ceiling_ = options_.base;
}

}  // namespace flotilla
