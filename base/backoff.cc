#include "base/backoff.h"

#include <algorithm>

#include "base/jitter.h"

namespace flotilla {

Backoff::Backoff(const BackoffOptions& options, Random& random)
    : options_(options), random_(random), ceiling_(options.base) {}

Duration Backoff::Next() {
  const Duration delay = UniformUpTo(random_, ceiling_);
  ceiling_ = std::min(options_.cap, ceiling_ * 2);
  return delay;
}

void Backoff::Reset() {
  ceiling_ = options_.base;
}

}  // namespace flotilla
