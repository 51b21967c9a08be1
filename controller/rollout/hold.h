// Pausing a rollout and letting it go on.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_HOLD_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_HOLD_H_

#include <string>

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// RUNNING or PAUSED -> PAUSED. Devices between offer and activation learn of the hold.
void Pause(RolloutRun& run, v1::PauseReason reason, v1::HoldMode hold, const std::string& why,
           const Turn& turn);

// PAUSED -> RUNNING where it stood: deadlines of held devices start again, deliveries that are to
// be tried again are tried now. After a pause for the source all that failed are: the source had
// failed and not they.
void GoOn(RolloutRun& run, const std::string& why, const Turn& turn);

// What holds the rollout's devices one by one has changed: those that wait are looked at again,
// those on their way are told, and their deadlines start again.
void ReconsiderHeld(RolloutRun& run, const Turn& turn);

// Freezes and windows: a RUNNING rollout that a freeze covers pauses, FREEZE, one that a freeze or
// its windows held goes on by itself. Brings the rollout's windows up to now.
void FollowRules(RolloutRun& run, const Turn& turn);

// A freeze or the rollout's windows ask for the pause.
bool IsRulePause(v1::PauseReason reason);

// Pauses for the source of the artifacts, for targeting or for trust, when the outcome of `device`
// asks for it. Only while RUNNING.
void PauseAtOutcome(RolloutRun& run, const v1::RolloutDevice& device, const Turn& turn);

// SOURCE_UNAVAILABLE resumes by itself after 5 minutes while there is a delivery to try again.
void ResumeBySelf(RolloutRun& run, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_HOLD_H_
