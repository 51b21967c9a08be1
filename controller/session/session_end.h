// Why the controller ends a session whose device may come back, with the time that it asks the
// device to wait at the least (base/retry_after.h).
#ifndef FLOTILLA_CONTROLLER_SESSION_SESSION_END_H_
#define FLOTILLA_CONTROLLER_SESSION_SESSION_END_H_

#include "base/status.h"

namespace flotilla::controller {

// UNAVAILABLE: this process ends; 2 s, in which one that is restarted is back. The spread of Drain
// counts beside it.
Status GoesDown();
// ALREADY_EXISTS with its reason: 300 s, since nothing helps before a person enrols one again.
Status HeldByTwoMachines();
// `broken` (INVALID_ARGUMENT: a message beyond its limits): 60 s, since the device would say the
// same again. OK stays OK.
Status BeyondLimits(const Status& broken);
// `failed`: the store did not answer; 10 s.
Status StoreFailed(const Status& failed);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_SESSION_END_H_
