#include "controller/rollout/health_gate_plan.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/rollout/health_gate_noise.h"

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kMostLooks = 2;
constexpr std::uint64_t kMostDevices = 100'000'000;
constexpr int kHalvings = 50;

// Whether a rise by `regression` is told from none in 9 of 10 cases.
bool Finds(const HealthGatePolicy& policy, const GateSizes& sizes, double regression) {
  const double control = policy.base_rate;
  const double canary = control + regression;
  const double pooled =
      (sizes.canary * canary + sizes.control * control) / (sizes.canary + sizes.control);
  const double bound =
      FailBound(sizes, pooled) * std::sqrt(DifferenceVariance(sizes, pooled, pooled));
  const double room = MissQuantile(policy.noise.looks, policy.noise.looks) *
                      std::sqrt(DifferenceVariance(sizes, canary, control));
  return bound + room <= regression;
}

GateSizes SizesOf(const HealthGatePolicy& policy, const GateArms& arms) {
  return {.canary = static_cast<double>(arms.canary),
          .control = static_cast<double>(arms.control),
          .looks = static_cast<double>(policy.noise.looks),
          .noise = policy.noise};
}

std::string Percent(double share) {
  return absl::StrFormat("%.1f %%", 100 * share);
}

}  // namespace

Status CheckGatePolicy(const HealthGatePolicy& policy) {
  FLOTILLA_RETURN_IF_ERROR(dp::CheckPolicy(policy.noise));
  // Written so that NaN is refused too.
  if (!(policy.regression > 0 && policy.base_rate >= 0 &&
        policy.regression + policy.base_rate <= 1)) {
    return InvalidArgument("health gate: regression and base rate are shares, together at most 1");
  }
  if (policy.noise.looks > kMostLooks) {
    return InvalidArgument("health gate: at most two looks");
  }
  return OkStatus();
}

std::optional<double> SmallestRegression(const HealthGatePolicy& policy, const GateArms& arms) {
  if (std::min(arms.canary, arms.control) < kLeastGateArm) {
    return std::nullopt;
  }
  const GateSizes sizes = SizesOf(policy, arms);
  double missed = 0;
  double found = 1 - policy.base_rate;
  if (!Finds(policy, sizes, found)) {
    return std::nullopt;
  }
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (missed + found) / 2;
    (Finds(policy, sizes, middle) ? found : missed) = middle;
  }
  return found;
}

std::optional<std::uint64_t> DevicesPerArm(const HealthGatePolicy& policy) {
  const auto finds = [&policy](std::uint64_t devices) {
    return Finds(policy, SizesOf(policy, {devices, devices}), policy.regression);
  };
  if (!finds(kMostDevices)) {
    return std::nullopt;
  }
  std::uint64_t too_few = kLeastGateArm - 1;
  std::uint64_t enough = kMostDevices;
  while (enough - too_few > 1) {
    const std::uint64_t middle = too_few + (enough - too_few) / 2;
    (finds(middle) ? enough : too_few) = middle;
  }
  return enough;
}

GatePlan PlanGate(const HealthGatePolicy& policy, const GateArms& arms) {
  GatePlan plan;
  plan.smallest_regression = SmallestRegression(policy, arms);
  if (!plan.smallest_regression.has_value()) {
    plan.use = GateUse::kSmokeOnly;
    plan.sentence =
        absl::StrCat("smoke only: an arm of ", std::min(arms.canary, arms.control),
                     " devices is below the ", kLeastGateArm, " that anything is collected from");
    if (std::min(arms.canary, arms.control) >= kLeastGateArm) {
      plan.sentence = "smoke only: the noise hides any regression at this base rate";
    }
    return plan;
  }
  const std::string rise =
      absl::StrCat("a rise of bad verdicts from ", Percent(policy.base_rate), " to ",
                   Percent(policy.base_rate + *plan.smallest_regression), " or more");
  if (*plan.smallest_regression <= policy.regression) {
    plan.use = GateUse::kJudges;
    plan.sentence = absl::StrCat("finds ", rise, " in 9 of 10 cases");
    return plan;
  }
  plan.use = GateUse::kSmokeOnly;
  const std::optional<std::uint64_t> needed = DevicesPerArm(policy);
  plan.sentence = absl::StrCat(
      "smoke only: finds no less than ", rise, ", and is asked for ",
      Percent(policy.base_rate + policy.regression),
      needed.has_value() ? absl::StrCat(", which takes ", *needed, " devices in each arm") : "");
  return plan;
}

}  // namespace flotilla::rollout
