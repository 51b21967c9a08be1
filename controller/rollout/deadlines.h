#ifndef FLOTILLA_CONTROLLER_ROLLOUT_DEADLINES_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_DEADLINES_H_

#include <optional>

#include "base/time.h"
#include "controller/rollout/rollout_run.h"
#include "controller/rollout/rollout_spec.h"

namespace flotilla::rollout {

// When the device's phase is over; nothing: its phase has no end, or it is in none.
std::optional<Time> DeadlineOf(const v1::RolloutDevice& device, const PhaseDeadlines& deadlines);

// Phase deadlines, from ACCEPTED on: a device past one that still talks is TIMED_OUT. Devices held
// by a pause do not time out before they activate, and nobody does while the network is down. A
// device that went silent in or after activation is LOST once the silence test fires, which pauses
// the rollout (SILENT_DEVICES).
void ApplyDeadlines(RolloutRun& run, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_DEADLINES_H_
