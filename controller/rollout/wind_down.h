// Taking a release back: abort, rollback, and being replaced.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WIND_DOWN_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WIND_DOWN_H_

#include <string>

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// -> ABORTING. Devices before activation are cancelled; the others finish their trial and go back
// to the baseline unless the spec says none. ABORTED at once when nobody is to be waited for.
void BeginAbort(RolloutRun& run, const std::string& why, const Turn& turn);

// -> ROLLING_BACK: the same by an operator's wish, for a completed rollout too.
void BeginRollback(RolloutRun& run, const std::string& why, const Turn& turn);

// -> SUPERSEDED by a newer rollout of the line. What runs the release keeps it until the newer one
// reaches it.
void Supersede(RolloutRun& run, const std::string& newer_id, const Turn& turn);
// The same for devices that a completed rollout still waits for.
void SupersedePending(RolloutRun& run, const Turn& turn);

// The rollout's release was revoked: it ends now, waiting for nobody, and its open members become
// REVOKED, of finished rollouts too. What they run is the revocation's to say.
void EndRevoked(RolloutRun& run, const std::string& why, const Turn& turn);

// The device can be reached again, or is new to a returning rollout: it is waited for if it must
// be.
void AwaitAgain(RolloutRun& run, const v1::RolloutDevice& device);

// ABORTED or ROLLED_BACK once every device that can be reached is back or has failed to go back.
void SettleReturns(RolloutRun& run, const Turn& turn);

// The way back of one device, as it reports it.
void ApplyReturnReport(RolloutRun& run, v1::RolloutDevice& device, const v1::UpdateReport& report,
                       const Turn& turn);

// The rollout takes, or took, its release back to its baseline.
bool TakesBack(const RolloutRun& run);
// Whether the device is to go back to the rollout's baseline now.
bool MustReturn(const RolloutRun& run, const v1::RolloutDevice& device);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WIND_DOWN_H_
