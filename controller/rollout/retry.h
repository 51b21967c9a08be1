// Deliveries that failed are tried again by themselves: 3 times, after 1 to 60 minutes.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_RETRY_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_RETRY_H_

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Plans the next attempt of a device whose delivery failed (300), if it has one left. Full jitter:
// between 1 minute and 2, 8 or 60, the same on every machine for the same device and attempt.
void PlanRetry(RolloutRun& run, v1::RolloutDevice& device, const Turn& turn);

// Deliveries whose time has come become PENDING with a new attempt, those of earlier waves in the
// catch-up lane. Not while the rollout is paused.
void RetryDue(RolloutRun& run, const Turn& turn);
// The same at once, whatever their time.
void RetryAll(RolloutRun& run, const Turn& turn);

// Every delivery that failed (300), those without an attempt left too.
void RetryFailed(RolloutRun& run, const Turn& turn);

// Nothing is tried again any more.
void DropRetries(RolloutRun& run, const Turn& turn);

// One more attempt of this device.
void TryAgain(RolloutRun& run, v1::RolloutDevice& device, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_RETRY_H_
