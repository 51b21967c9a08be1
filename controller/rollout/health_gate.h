// The private gate: what sums of `gate_verdict` over two arms say about a release. It never sees a
// device; it may hold or pause a wave, never abort a rollout. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/status.h"
#include "controller/rollout/health_gate_plan.h"

namespace flotilla::rollout {

inline constexpr std::size_t kGateVerdicts = 5;  // better, same, worse, failed, no-data

// One arm in one look (one window of its task).
struct HealthArm {
  std::uint64_t asked = 0;    // devices of the arm that were connected when they were to report
  std::uint64_t reports = 0;  // that both aggregators have verified; without noise, <= asked
  std::array<std::int64_t, kGateVerdicts> counts{};  // as collected: noise of both aggregators
};

// Arms are drawn at random among the same devices, for this release alone.
struct HealthLook {
  HealthArm canary;   // on the new release
  HealthArm control;  // on the one before
};

enum class HealthVerdict { kUnspecified = 0, kPass, kFail, kHold };

enum class HealthReason {
  kUnspecified = 0,
  kRegressionExcluded,  // kPass
  kRegressionFound,     // kFail
  // All others kHold. In this order they are looked for:
  kControlSilent,  // more than a fifth of the control arm: the network, not the release
  kCanarySilent,   // what is left of the canary arm says nothing about the release. Pause
  kTooFew,         // an arm below kLeastGateArm reports
  kSmokeOnly,      // the planner said that so many devices find nothing
  kLookAgain,      // neither excluded nor found, and another look is left
  kUndecided,      // neither after the last look
};

struct HealthJudgement {
  HealthVerdict verdict = HealthVerdict::kUnspecified;
  HealthReason reason = HealthReason::kUnspecified;
  // Of the canary arm over the control arm, in shares of the reports; the true one lies in
  // [increase - interval_95, increase + interval_95] with 95 %. 0 where silence or too few reports
  // decided.
  double increase = 0;
  double interval_95 = 0;
  double z = 0;
  // One sentence without a full stop.
  std::string evidence;
};

// All looks so far, in order; each adds to the ones before. Silence first: of the last look. Then
//   Z = (bad_A/n_A - bad_B/n_B) / sqrt(p (1-p) (1/n_A + 1/n_B) + v/n_A^2 + v/n_B^2)
// with bad = worse + failed, p the share of both arms (at least the policy's base rate) and v the
// variance of a bad count that comes from noise. FAIL: Z is above FailBound, and the increase is at
// least half the regression asked for (in a large fleet a tenth of a point is significant too).
// PASS: the regression asked for is excluded (MissQuantile). Devices without data make a regression
// look smaller, so it is scaled by the share of those that have some. With equal arms each look
// FAILs in at most 1 % of gates; a regression that PlanGate says is found ends in something else
// than FAIL in at most 10 %.
//
// INVALID_ARGUMENT: CheckGatePolicy; no look or more than the policy has; more reports than devices
// asked; counts that cannot be of so many reports.
StatusOr<HealthJudgement> JudgeHealthGate(const HealthGatePolicy& policy,
                                          std::span<const HealthLook> looks);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_H_
