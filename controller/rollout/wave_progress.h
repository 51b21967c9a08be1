// The life of a running rollout's waves.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WAVE_PROGRESS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WAVE_PROGRESS_H_

#include <string>

#include "base/status.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Drives a RUNNING rollout as far as it goes now: gate, dispatch, offers, soak, judgement, next
// wave, COMPLETED. Idempotent.
void Advance(RolloutRun& run, const Turn& turn);

// A person lets the wave go on: opens the gate, ends a soak early, or accepts an inconclusive wave.
// FAILED_PRECONDITION says what stands against it. `by`: the operator.
Status Promote(RolloutRun& run, const std::string& by, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WAVE_PROGRESS_H_
