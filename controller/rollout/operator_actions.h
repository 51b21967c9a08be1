// What an operator does to one rollout. Doing what is done already is OK and changes nothing.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_OPERATOR_ACTIONS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_OPERATOR_ACTIONS_H_

#include <string>

#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// FAILED_PRECONDITION: "rollout r is ROLLOUT_STATE_DRAFT: it cannot be <what>".
Status NotAllowed(const RolloutRun& run, const std::string& what);

Status PauseBy(RolloutRun& run, v1::HoldMode hold, const std::string& by, const Turn& turn);
Status ResumeBy(RolloutRun& run, const std::string& by, const Turn& turn);
// The current wave soaks `longer` than it would: one that soaks, one that has not begun to, and one
// that ended undecided, which then soaks again. INVALID_ARGUMENT: not between 1 s and 30 d.
Status ExtendBy(RolloutRun& run, Duration longer, const std::string& by, const Turn& turn);
// Devices whose delivery failed or timed out try once more; those of earlier waves in the catch-up
// lane. A rollout that is paused for the source or undecided goes on.
Status RetryBy(RolloutRun& run, const std::string& by, const Turn& turn);
// A draft is cancelled.
Status AbortBy(RolloutRun& run, const std::string& by, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_OPERATOR_ACTIONS_H_
