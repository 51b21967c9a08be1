#ifndef FLOTILLA_CONTROLLER_ROLLOUT_OVERLAP_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_OVERLAP_H_

#include "controller/rollout/fleet_view.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Two rollouts of one line have devices in common: one of them is for every device, or a device
// matches both now. Looks at the whole fleet.
bool Overlap(const RolloutRun& one, const RolloutRun& other, const FleetView& fleet);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_OVERLAP_H_
