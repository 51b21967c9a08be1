#include "agent/session/reconnect_policy.h"

#include <algorithm>

#include "base/jitter.h"
#include "base/retry_after.h"

namespace flotilla::agent {
namespace {

constexpr Duration kMostSpread = absl::Hours(1);

Duration Believed(Duration spread) {
  return std::clamp(spread, absl::ZeroDuration(), kMostSpread);
}

}  // namespace

bool RefusesDevice(const Status& status) {
  return status.code() == StatusCode::kUnauthenticated ||
         status.code() == StatusCode::kPermissionDenied ||
         status.code() == StatusCode::kAlreadyExists;
}

ReconnectPolicy::ReconnectPolicy(const ReconnectOptions& options, Random& random)
    : options_(options),
      random_(random),
      backoff_(options.backoff, random),
      spread_(options.spread) {}

void ReconnectPolicy::SetSpread(Duration spread) {
  spread_ = Believed(spread);
}

void ReconnectPolicy::SetDrain(Duration spread) {
  drain_spread_ = Believed(spread);
}

void ReconnectPolicy::OnUp(Duration now) {
  live_since_ = now;
  drain_spread_.reset();
  window_end_ = -absl::InfiniteDuration();
}

Duration ReconnectPolicy::AfterLoss(const Status& status, Duration now) {
  const Duration window = drain_spread_.value_or(spread_);
  window_end_ = now + window;
  Duration own = UniformUpTo(random_, window);
  if (now - live_since_ >= options_.stable_after) {
    backoff_.Reset();
  } else {
    // A session that flaps must not come back at once for ever, however small the spread is.
    own = std::max(own, backoff_.Next());
  }
  return AtLeastAsked(own, status);
}

Duration ReconnectPolicy::AfterFailure(const Status& status, Duration now) {
  const Duration left = window_end_ - now;
  const bool spreads = left > options_.backoff.base;
  return AtLeastAsked(spreads ? UniformUpTo(random_, left) : backoff_.Next(), status);
}

Duration ReconnectPolicy::AtLeastAsked(Duration own, const Status& status) {
  Duration asked = RetryAfterOf(status).value_or(absl::ZeroDuration());
  if (asked > absl::ZeroDuration()) {
    asked += UniformUpTo(random_, asked / 2);
  }
  if (RefusesDevice(status)) {
    own = options_.refused_retry / 2 + UniformUpTo(random_, options_.refused_retry / 2);
  }
  return std::max(own, asked);
}

}  // namespace flotilla::agent
