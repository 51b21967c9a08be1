// What a deployment state means to the judge, and which moves between states count.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_OUTCOME_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_OUTCOME_H_

#include <string>

#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/update.pb.h"

namespace flotilla::rollout {

enum class Outcome {
  // Not terminal.
  kOpen,
  kSuccess,
  // Says nothing about the release: already current, cancelled, superseded, removed, revoked.
  kNeutral,
  // 310, 315, 320, 360: condemns the release.
  kQuality,
  // 300, 350: the bytes did not arrive or did not verify in time; says nothing about the release.
  kDelivery,
  // 330, 331, 332: this device does not fit.
  kTargeting,
  // 340, 341, 342: trust.
  kSecurity,
};

Outcome OutcomeOf(v1::DeploymentState state);
bool IsTerminal(v1::DeploymentState state);
// Offered, or between ACCEPTED and a terminal state: holds a place under the in-flight cap.
bool IsInFlight(v1::DeploymentState state);
// ACCEPTED or later, not terminal.
bool IsAttempting(v1::DeploymentState state);
// The release may be what this device runs, or may become so without asking again.
bool IsExposed(v1::DeploymentState state);

// Whether a device's report moves its state from `from` to `to` within one attempt. States only
// rise; terminal is final, but for TIMED_OUT and LOST to a late result, and SUCCEEDED to
// FAILED_AFTER_CONFIRM. What only the controller sets is never taken from a device.
bool MayReport(v1::DeploymentState from, v1::DeploymentState to);

// "FAILED_REVERTED (310)".
std::string NameOf(v1::DeploymentState state);
// "INSTALL_SMOKE_FAILED (605)".
std::string NameOf(v1::FailureReason reason);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_OUTCOME_H_
