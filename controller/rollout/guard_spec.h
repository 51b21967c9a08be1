// What a specification asks of the private gate. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_GUARD_SPEC_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_GUARD_SPEC_H_

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "controller/rollout/health_gate_plan.h"

namespace flotilla::rollout {

inline constexpr char kGuardMetric[] = "gate_verdict";

// INVALID_ARGUMENT names the field: more than one guard, another metric, a rise outside of
// (0, 0.9], more than two looks, a demonstration's window that is not 5 s to 60 s in steps of 5 s.
Status CheckGuards(const v1::Strategy& strategy);

// nullptr: the rollout has no guard.
const v1::HealthGuard* GuardOf(const v1::RolloutSpec& spec);

// With the defaults where the guard says nothing; of one that passed CheckGuards.
HealthGatePolicy PolicyOf(const v1::HealthGuard& guard);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_GUARD_SPEC_H_
