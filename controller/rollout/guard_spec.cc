#include "controller/rollout/guard_spec.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

#include "base/time.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

constexpr double kMostIncrease = 0.9;
constexpr std::uint32_t kMostLooks = 2;
constexpr Duration kDemoStep = absl::Seconds(5);
constexpr Duration kLongestDemo = absl::Seconds(60);

Status CheckGuard(const v1::HealthGuard& guard) {
  if (!guard.metric().empty() && guard.metric() != kGuardMetric) {
    return InvalidArgument(absl::StrCat("strategy.guards[0].metric: \"", guard.metric(),
                                        "\" cannot guard a wave, only ", kGuardMetric, " can"));
  }
  // Written so that NaN is refused too.
  if (!(guard.max_bad_increase() >= 0 && guard.max_bad_increase() <= kMostIncrease)) {
    return InvalidArgument(
        "strategy.guards[0].max_bad_increase: a share in (0, 0.9]; 0 means 0.05");
  }
  if (guard.looks() > kMostLooks) {
    return InvalidArgument("strategy.guards[0].looks: 1 or 2");
  }
  const Duration window = FromWire(guard.demo_window());
  if (guard.has_demo_window() &&
      (window < kDemoStep || window > kLongestDemo || window % kDemoStep != absl::ZeroDuration())) {
    return InvalidArgument("strategy.guards[0].demo_window: 5 s to 60 s, in steps of 5 s");
  }
  return OkStatus();
}

}  // namespace

Status CheckGuards(const v1::Strategy& strategy) {
  if (strategy.guards_size() > 1) {
    return InvalidArgument("strategy.guards: at most one");
  }
  return strategy.guards().empty() ? OkStatus() : CheckGuard(strategy.guards(0));
}

const v1::HealthGuard* GuardOf(const v1::RolloutSpec& spec) {
  return spec.strategy().guards().empty() ? nullptr : &spec.strategy().guards(0);
}

HealthGatePolicy PolicyOf(const v1::HealthGuard& guard) {
  HealthGatePolicy policy;
  if (guard.max_bad_increase() > 0) {
    policy.regression = guard.max_bad_increase();
  }
  policy.noise.looks = guard.looks() > 0 ? guard.looks() : kMostLooks;
  return policy;
}

}  // namespace flotilla::rollout
