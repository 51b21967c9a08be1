// The background monitor of a whole rollout: a one-sided CUSUM over quality outcomes.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_CUSUM_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_CUSUM_H_

#include <cstdint>

#include "controller/rollout/outcome.h"
#include "controller/rollout/sprt.h"

namespace flotilla::rollout {

// ln(devices * p1 / 0.02): about one false alarm in 50 rollouts of that size; never below one
// failure's step, so that a tiny fleet needs at least one failure.
double CusumBound(std::uint32_t devices, const v1::JudgePolicy& policy);

// S after a device went from one outcome to another. S = max(0, S + step); a corrected outcome
// takes its step back first.
double CusumAfter(double cusum, Outcome from, Outcome to, const Sprt& sprt);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_CUSUM_H_
