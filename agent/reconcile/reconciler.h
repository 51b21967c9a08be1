// Desired against observed: what the agent does next. Pure.
#ifndef FLOTILLA_AGENT_RECONCILE_RECONCILER_H_
#define FLOTILLA_AGENT_RECONCILE_RECONCILER_H_

#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "agent/state/outbox.h"

namespace flotilla::agent {

// How far the one running update is.
enum class UpdateStage {
  kUnspecified = 0,
  kPreparing,  // up to STAGED: can be cancelled, keeps its bytes
  kTesting,    // STAGED and self-test: can be cancelled, and goes on in a drain
  kReady,      // tested, held back
  kCommitted,  // activated: ends its trial, whatever is desired
};

struct RunningUpdate {
  std::string line;
  std::string key;  // AssignmentKey
  v1::HoldMode hold = v1::HOLD_MODE_UNSPECIFIED;
  UpdateStage stage = UpdateStage::kUnspecified;
};

struct ObservedLine {
  std::string line;
  v1::ActiveRecord active;
  std::vector<v1::MarkedBad> marked_bad;
  std::optional<LineProgress> progress;
};

struct Observed {
  std::vector<ObservedLine> lines;
  std::optional<RunningUpdate> running;
};

enum class NextKind {
  kUnspecified = 0,
  kNothing,
  kPrepare,   // start (or go on with) the update of `assignment`
  kActivate,  // the running update is tested and nothing holds it any more
  kAdopt,     // the running update goes on under `assignment` (its hold or revision changed)
  kCancel,    // stop the running update before its commit point; say `state` if there is one
  kGoBack,    // the desired release is the line's previous one: swap the slots
  kReport,    // nothing to do but to say `state` and `reason`
};

struct NextAction {
  NextKind kind = NextKind::kUnspecified;
  v1::Assignment assignment;
  v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
  v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED;
};

// True for states after which this device does not try an assignment again: 200 to 399.
bool IsTerminal(v1::DeploymentState state);

// Nothing may be activated now; for HOLD_MODE_ACTIVATION everything before that goes on.
bool HoldsActivation(v1::HoldMode hold);
// Why a device that is told to hold waits.
v1::FailureReason HoldReason(v1::HoldMode hold);

// The next thing to do. Call again after it is done; kReport makes progress because the outbox then
// knows the state. One line is updated at a time, in the order of the desired state.
NextAction NextStep(const v1::DesiredState& desired, const Observed& observed);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_RECONCILE_RECONCILER_H_
