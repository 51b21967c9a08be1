// UpdateDirector from the commit point on: activation, trial, confirm, rollback, and what a restart
// finds of them. Before it: update_director.cc.
#include <optional>
#include <string>
#include <utility>

#include "agent/update/update_director.h"
#include "agent/update/update_report.h"
#include "base/log.h"

namespace flotilla::agent {

void UpdateDirector::RunLine(ota::LineSlots& slots, const TrialTerms& terms) {
  if (const v1::FailureReason cause = CauseToStop(slots); cause != v1::FAILURE_REASON_UNSPECIFIED) {
    StopLine(slots, cause);
    return;
  }
  stopped_.erase(slots.line().value());
  const v1::ActiveRecord active = slots.active();
  TellHealth(active.current().ref(), schema::ReleaseFate::kServing);
  parts_.engines.Run(slots.line().value(), active, terms, *this);
}

void UpdateDirector::ResumeLine(ota::LineSlots& slots) {
  const v1::ActiveRecord active = slots.active();
  const std::string& line = slots.line().value();
  const bool safe_mode = parts_.lines.Recovered(line) == ota::RecoveryAction::kSafeMode;
  if (safe_mode || active.current().ref().sha256().empty()) {
    if (safe_mode) {
      TellHealth(active.current().ref(), schema::ReleaseFate::kGaveUp);
      parts_.engines.EnterSafeMode(line, v1::FAILURE_REASON_INSTALL_ROLLBACK_FAILED);
    }
    return;
  }
  const v1::Assignment assignment = AssignmentOf(slots);
  if (active.trial() && !update_.has_value()) {
    Update update;
    update.assignment = assignment;
    update.stage = UpdateStage::kCommitted;
    update.previous_sha256 = active.previous().ref().sha256();
    update_ = std::move(update);
    ArmActivateDeadline();
  }
  RunLine(slots, TermsOf(assignment));
}

// The assignment that the line's current release came with, as far as it is known.
v1::Assignment UpdateDirector::AssignmentOf(const ota::LineSlots& slots) const {
  const v1::ReleaseRef current = slots.active().current().ref();
  const StatusOr<std::optional<LineProgress>> progress =
      parts_.outbox.Progress(slots.line().value());
  if (progress.ok() && progress->has_value() &&
      (*progress)->assignment.release().sha256() == current.sha256()) {
    return (*progress)->assignment;
  }
  v1::Assignment assignment;
  *assignment.mutable_release() = current;
  return assignment;
}

void UpdateDirector::Activate() {
  ota::LineSlots* slots = parts_.lines.Find(update_->assignment.release().line());
  if (slots == nullptr) {
    return;
  }
  Say(v1::DEPLOYMENT_STATE_ACTIVATING);
  if (const Status status = slots->Activate(update_->prepared.txn); !status.ok()) {
    OnWorkFailed(Annotate(status, "activate"), {});
    return;
  }
  update_->stage = UpdateStage::kCommitted;
  LogInfo("update.activated",
          {{"line", slots->line().value()}, {"version", update_->assignment.release().version()}});
  ArmActivateDeadline();
  RunLine(*slots, TermsOf(update_->assignment));
}

void UpdateDirector::GoBack(const v1::Assignment& assignment) {
  ota::LineSlots* slots = parts_.lines.Find(assignment.release().line());
  if (slots == nullptr) {
    return;
  }
  update_ = Update();
  update_->assignment = assignment;
  update_->goes_back = true;
  update_->stage = UpdateStage::kCommitted;
  update_->previous_sha256 = slots->active().current().ref().sha256();
  LogInfo("update.go_back",
          {{"line", slots->line().value()}, {"version", assignment.release().version()}});
  Say(v1::DEPLOYMENT_STATE_ACCEPTED);
  Say(v1::DEPLOYMENT_STATE_ACTIVATING);
  const Status status =
      slots->RollBack(v1::FAILURE_REASON_INSTALL_ROLLED_BACK, ota::MarkMode::kNoMark);
  if (!status.ok()) {
    LogStatus(LogLevel::kWarning, "update.go_back_failed", status);
    // The previous release is gone from the store: fetch it again.
    BeginUpdate(assignment);
    return;
  }
  RunLine(*slots, TermsOf(assignment));
}

Status UpdateDirector::BeforeTrialStart(const std::string& line) {
  ota::LineSlots* slots = parts_.lines.Find(line);
  if (slots == nullptr) {
    return NotFound(line);
  }
  return slots->CountAttempt().status();
}

void UpdateDirector::OnServing(const std::string& line) {
  if (!update_.has_value() || update_->stage != UpdateStage::kCommitted ||
      update_->assignment.release().line() != line) {
    return;
  }
  CancelTimer(deadline_timer_);
  if (!update_->goes_back) {
    Say(v1::DEPLOYMENT_STATE_TRIAL);
    return;
  }
  Say(v1::DEPLOYMENT_STATE_SUCCEEDED);
  parts_.work.CollectGarbage();
  EndUpdate();
}

void UpdateDirector::OnTrialPassed(const std::string& line) {
  ota::LineSlots* slots = parts_.lines.Find(line);
  if (slots == nullptr) {
    return;
  }
  if (const Status status = slots->Confirm(); !status.ok()) {
    LogStatus(LogLevel::kError, "update.confirm_failed", status);
    return;
  }
  LogInfo("update.confirmed",
          {{"line", line}, {"version", slots->active().current().ref().version()}});
  if (update_.has_value() && update_->assignment.release().line() == line) {
    Say(v1::DEPLOYMENT_STATE_SUCCEEDED);
    EndUpdate();
  }
  parts_.work.CollectGarbage();
}

void UpdateDirector::OnReleaseBad(const std::string& line, v1::FailureReason reason) {
  if (ota::LineSlots* slots = parts_.lines.Find(line);
      slots != nullptr && !stopped_.contains(line)) {
    RollBackLine(*slots, reason);
  }
}

void UpdateDirector::RollBackLine(ota::LineSlots& slots, v1::FailureReason reason) {
  const std::string& line = slots.line().value();
  const v1::Assignment assignment = AssignmentOf(slots);
  const bool of_update = update_.has_value() && update_->stage == UpdateStage::kCommitted &&
                         update_->assignment.release().line() == line;
  const bool on_trial = slots.active().trial();
  v1::UpdateReport report = MakeReport(
      assignment,
      on_trial ? v1::DEPLOYMENT_STATE_FAILED_REVERTED : v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM,
      parts_.clock.Now());
  report.set_reason(reason);
  const Status status = slots.RollBack(reason, ota::MarkMode::kMarkBad);
  if (status.ok()) {
    LogWarning("update.rolled_back", {{"line", line},
                                      {"from", assignment.release().version()},
                                      {"to", slots.active().current().ref().version()},
                                      {"reason", v1::FailureReason_Name(reason)}});
  } else {
    LogStatus(LogLevel::kError, "update.rollback_failed", status);
    report.set_state(v1::DEPLOYMENT_STATE_FAILED_DEGRADED);
  }
  SayAbout(assignment, report);
  if (status.ok()) {
    RunLine(slots, TrialTerms());
  } else {
    parts_.engines.EnterSafeMode(line, reason);
  }
  if (of_update) {
    EndUpdate();
  }
}

void UpdateDirector::OnConditionChanged() {
  parts_.on_condition();
}

}  // namespace flotilla::agent
