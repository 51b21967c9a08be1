// A kind of device that fails far more than the others waits, and the rest goes on.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_STRATUM_HOLD_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_STRATUM_HOLD_H_

#include <string>
#include <vector>

#include "controller/rollout/facet_tally.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// The device belongs to a stratum that gets no offers. `device` may be nullptr.
bool IsHeld(const RolloutRun& run, const v1::RolloutDevice& row, const v1::Device* device);

// A device failed by quality. When its failure completes a cluster the stratum is held (unless the
// spec says otherwise); failures of a held stratum condemn it and not the release, so the judge
// does not count them.
void HoldCluster(RolloutRun& run, v1::RolloutDevice& failed, const Turn& turn);

// A person lets every held stratum go on. False: none was held.
bool ReleaseStrata(RolloutRun& run, const Turn& turn);

// "hardware old is held since ...: 4 of 6 devices failed, chance would do that once in 10000
// rollouts"
std::string StratumText(const v1::HeldStratum& stratum);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_STRATUM_HOLD_H_
