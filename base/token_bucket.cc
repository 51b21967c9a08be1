#include "base/token_bucket.h"

#include <algorithm>

#include "absl/time/time.h"

namespace flotilla {

TokenBucket::TokenBucket(double rate_per_second, double burst)
    : rate_per_second_(rate_per_second), burst_(burst), tokens_(burst) {}

bool TokenBucket::TryTake(Duration monotonic_now, double tokens) {
  Refill(monotonic_now);
  if (tokens_ < tokens) {
    return false;
  }
  tokens_ -= tokens;
  return true;
}

Duration TokenBucket::TimeUntil(Duration monotonic_now, double tokens) {
  Refill(monotonic_now);
  if (tokens_ >= tokens) {
    return absl::ZeroDuration();
  }
  return rate_per_second_ > 0 ? absl::Seconds((tokens - tokens_) / rate_per_second_)
                              : absl::InfiniteDuration();
}

void TokenBucket::Refill(Duration monotonic_now) {
  if (monotonic_now > refilled_at_) {
    tokens_ = std::min(
        burst_, tokens_ + rate_per_second_ * absl::ToDoubleSeconds(monotonic_now - refilled_at_));
    refilled_at_ = monotonic_now;
  }
}

}  // namespace flotilla
