#include "agent/reconcile/reconciler.h"

#include <algorithm>

namespace flotilla::agent {
namespace {

const v1::Assignment* FindAssignment(const v1::DesiredState& desired, const std::string& line) {
  for (const v1::Assignment& assignment : desired.assignments()) {
    if (assignment.release().line() == line) {
      return &assignment;
    }
  }
  return nullptr;
}

bool SameRelease(const v1::InstalledRelease& installed, const v1::Assignment& assignment) {
  return !installed.ref().sha256().empty() &&
         installed.ref().sha256() == assignment.release().sha256();
}

NextAction Report(const v1::Assignment& assignment, v1::DeploymentState state,
                  v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED) {
  return {NextKind::kReport, assignment, state, reason};
}

NextAction Nothing() {
  return {NextKind::kNothing, {}, v1::DEPLOYMENT_STATE_UNSPECIFIED, v1::FAILURE_REASON_UNSPECIFIED};
}

NextAction Do(NextKind kind, const v1::Assignment& assignment) {
  return {kind, assignment, v1::DEPLOYMENT_STATE_UNSPECIFIED, v1::FAILURE_REASON_UNSPECIFIED};
}

// A hold of the activation alone lets everything before it go on.
bool HoldsPreparation(v1::HoldMode hold) {
  return hold != v1::HOLD_MODE_UNSPECIFIED && hold != v1::HOLD_MODE_ACTIVATION;
}

bool HoldStops(v1::HoldMode hold, UpdateStage stage) {
  return HoldsPreparation(hold) && stage == UpdateStage::kPreparing;
}

NextAction StepOfRunning(const v1::DesiredState& desired, const RunningUpdate& running) {
  if (running.stage == UpdateStage::kCommitted) {
    return Nothing();
  }
  const v1::Assignment* assignment = FindAssignment(desired, running.line);
  if (assignment == nullptr) {
    return Do(NextKind::kCancel, {});
  }
  if (AssignmentKey(*assignment) != running.key) {
    return Do(NextKind::kCancel, {});
  }
  if (HoldStops(assignment->hold(), running.stage)) {
    return {NextKind::kCancel, *assignment, v1::DEPLOYMENT_STATE_DEFERRED,
            v1::FAILURE_REASON_POLICY_PAUSED};
  }
  if (running.stage == UpdateStage::kReady && !HoldsActivation(assignment->hold())) {
    return Do(NextKind::kActivate, *assignment);
  }
  if (assignment->hold() != running.hold) {
    return Do(NextKind::kAdopt, *assignment);
  }
  return Nothing();
}

bool IsMarkedBad(const v1::Assignment& assignment, const ObservedLine& line) {
  return std::any_of(line.marked_bad.begin(), line.marked_bad.end(),
                     [&](const v1::MarkedBad& mark) {
                       return mark.release().sha256() == assignment.release().sha256();
                     });
}

// What a crash kept from being reported about this very assignment, or what a report already ended.
NextAction StepOfKnown(const v1::Assignment& assignment, const ObservedLine& line, bool bad) {
  const v1::DeploymentState state = line.progress->state;
  const bool given_up = SameRelease(line.active.failed(), assignment);
  if (state == v1::DEPLOYMENT_STATE_SUCCEEDED && given_up) {
    return Report(assignment, v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM,
                  line.active.failed_reason());
  }
  if (IsTerminal(state)) {
    return Nothing();
  }
  if (!bad && SameRelease(line.active.current(), assignment)) {
    return Report(assignment, v1::DEPLOYMENT_STATE_SUCCEEDED);
  }
  if (given_up && state >= v1::DEPLOYMENT_STATE_ACTIVATING) {
    return Report(assignment, v1::DEPLOYMENT_STATE_FAILED_REVERTED, line.active.failed_reason());
  }
  return {};
}

NextAction StepOfLine(const v1::Assignment& assignment, const ObservedLine& line) {
  const bool bad = IsMarkedBad(assignment, line);
  if (line.progress.has_value() && line.progress->key == AssignmentKey(assignment)) {
    NextAction known = StepOfKnown(assignment, line, bad);
    if (known.kind != NextKind::kUnspecified) {
      return known;
    }
  }
  if (bad) {
    return Report(assignment, v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE,
                  v1::FAILURE_REASON_POLICY_MARKED_BAD);
  }
  if (SameRelease(line.active.current(), assignment)) {
    return Report(assignment, v1::DEPLOYMENT_STATE_ALREADY_CURRENT);
  }
  const bool back = SameRelease(line.active.previous(), assignment);
  if (HoldsPreparation(assignment.hold()) || (back && HoldsActivation(assignment.hold()))) {
    return Report(assignment, v1::DEPLOYMENT_STATE_DEFERRED, HoldReason(assignment.hold()));
  }
  if (back) {
    return Do(NextKind::kGoBack, assignment);
  }
  return Do(NextKind::kPrepare, assignment);
}

bool AlreadySaid(const NextAction& action, const ObservedLine& line) {
  return action.kind == NextKind::kReport && line.progress.has_value() &&
         line.progress->key == AssignmentKey(action.assignment) &&
         line.progress->state == action.state;
}

}  // namespace

bool HoldsActivation(v1::HoldMode hold) {
  return hold == v1::HOLD_MODE_FREEZE || hold == v1::HOLD_MODE_ACTIVATION;
}

v1::FailureReason HoldReason(v1::HoldMode hold) {
  return hold == v1::HOLD_MODE_ACTIVATION ? v1::FAILURE_REASON_POLICY_WINDOW_CLOSED
                                          : v1::FAILURE_REASON_POLICY_PAUSED;
}

bool IsTerminal(v1::DeploymentState state) {
  return state >= v1::DEPLOYMENT_STATE_SUCCEEDED && state < v1::DEPLOYMENT_STATE_CANCELLED;
}

NextAction NextStep(const v1::DesiredState& desired, const Observed& observed) {
  if (observed.running.has_value()) {
    return StepOfRunning(desired, *observed.running);
  }
  for (const v1::Assignment& assignment : desired.assignments()) {
    ObservedLine line;
    line.line = assignment.release().line();
    const auto found =
        std::find_if(observed.lines.begin(), observed.lines.end(),
                     [&](const ObservedLine& candidate) { return candidate.line == line.line; });
    if (found != observed.lines.end()) {
      line = *found;
    }
    NextAction action = StepOfLine(assignment, line);
    if (action.kind != NextKind::kNothing && !AlreadySaid(action, line)) {
      return action;
    }
  }
  return Nothing();
}

}  // namespace flotilla::agent
