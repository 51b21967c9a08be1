// What a wave's private gate can find, said before the wave begins. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_PLAN_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "telemetry/dp/noise.h"

namespace flotilla::rollout {

// Fewer devices in an arm are never collected from.
inline constexpr std::uint64_t kLeastGateArm = 100;

// What a gate is to find, and with which noise. Shares are in [0, 1].
struct HealthGatePolicy {
  // The smallest rise of the share of bad verdicts (worse and failed) that the gate has to find:
  // from 3 % to 8 % unless told otherwise.
  double regression = 0.05;
  // The share of healthy devices that say "worse" all the same; a rollout of the same release again
  // teaches it.
  double base_rate = 0.03;
  // Of one look; `looks` of it is how many the gate may take.
  dp::NoisePolicy noise = {dp::Mechanism::kDiscreteLaplace, {1, 1}, 2};
};

struct GateArms {
  std::uint64_t canary = 0;  // devices that will report
  std::uint64_t control = 0;
};

// INVALID_ARGUMENT: a regression or base rate outside of (0, 1) or [0, 1), or more than 1 together;
// more than two looks; dp::CheckPolicy refuses the noise.
Status CheckGatePolicy(const HealthGatePolicy& policy);

// The smallest regression that is found with a probability of 90 % after all looks, with a false
// alarm of 1 % in each; what `policy.regression` says has no part in it. nullopt: an arm has fewer
// than kLeastGateArm devices, or even a release that is bad on every device would be missed.
// `policy` is valid.
std::optional<double> SmallestRegression(const HealthGatePolicy& policy, const GateArms& arms);

// Devices in each of two equal arms that find `policy.regression`. nullopt: more than 10^8.
std::optional<std::uint64_t> DevicesPerArm(const HealthGatePolicy& policy);

enum class GateUse {
  kUnspecified = 0,
  kJudges,
  kSmokeOnly,  // whatever comes, the answer is HOLD
};

struct GatePlan {
  GateUse use = GateUse::kUnspecified;
  std::optional<double> smallest_regression;
  // One sentence for the plan, without a full stop: "finds a rise of bad verdicts from 3.0 % to
  // 7.4 % or more in 9 of 10 cases", "smoke only: ...".
  std::string sentence;
};

GatePlan PlanGate(const HealthGatePolicy& policy, const GateArms& arms);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_PLAN_H_
