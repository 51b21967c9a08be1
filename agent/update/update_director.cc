#include "agent/update/update_director.h"

#include <utility>

#include "agent/update/update_report.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "ota/update_runner.h"

namespace flotilla::agent {
UpdateDirector::UpdateDirector(const DirectorOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)), backoff_(options.retry, parts_.random) {}

UpdateDirector::~UpdateDirector() {
  Stop();
}

void UpdateDirector::Start(const v1::DesiredState& desired) {
  desired_ = desired;
  // What was ordered before a power cut may not be marked yet: nothing of it is started.
  (void)MarkStops();
  for (ota::LineSlots* slots : parts_.lines.All()) {
    ResumeLine(*slots);
  }
  OnDesiredState(desired);
}

void UpdateDirector::OnDesiredState(const v1::DesiredState& desired) {
  desired_ = desired;
  ApplyStops();
  Reconcile();
}

void UpdateDirector::Stop() {
  ended_ = true;
  CancelTimer(retry_timer_);
  CancelTimer(deadline_timer_);
  CancelTimer(mark_timer_);
  parts_.work.Cancel();
}

Observed UpdateDirector::Observe() const {
  Observed observed;
  for (const ota::LineSlots* slots : parts_.lines.All()) {
    ObservedLine line;
    line.line = slots->line().value();
    line.active = slots->active();
    line.marked_bad = slots->marked_bad();
    if (StatusOr<std::optional<LineProgress>> progress = parts_.outbox.Progress(line.line);
        progress.ok()) {
      line.progress = *std::move(progress);
    }
    observed.lines.push_back(std::move(line));
  }
  if (update_.has_value()) {
    observed.running =
        RunningUpdate{update_->assignment.release().line(), AssignmentKey(update_->assignment),
                      update_->assignment.hold(), update_->stage};
  }
  return observed;
}

void UpdateDirector::Reconcile() {
  // Each step changes what is observed; the bound only guards against a step that does not.
  for (int steps = 0; steps < 64 && !ended_; ++steps) {
    if (update_.has_value() && update_->cancelled) {
      return;  // goes on when the worker has let go
    }
    if (!Carry(NextStep(desired_, Observe()))) {
      return;
    }
  }
}

bool UpdateDirector::Carry(const NextAction& action) {
  switch (action.kind) {
    case NextKind::kPrepare:
      BeginUpdate(action.assignment);
      return false;
    case NextKind::kActivate:
      update_->assignment = action.assignment;
      Activate();
      return false;
    case NextKind::kAdopt:
      update_->assignment = action.assignment;
      return true;
    case NextKind::kCancel:
      CancelUpdate(action);
      return true;
    case NextKind::kGoBack:
      GoBack(action.assignment);
      return false;
    case NextKind::kReport: {
      v1::UpdateReport report = MakeReport(action.assignment, action.state, parts_.clock.Now());
      report.set_reason(action.reason);
      SayAbout(action.assignment, report);
      return parts_.lines.Get(action.assignment.release().line()).ok();
    }
    case NextKind::kUnspecified:
    case NextKind::kNothing:
      break;
  }
  return false;
}

void UpdateDirector::BeginUpdate(const v1::Assignment& assignment) {
  const StatusOr<ota::LineSlots*> slots = parts_.lines.Get(assignment.release().line());
  if (!slots.ok()) {
    LogStatus(LogLevel::kError, "update.line_unusable", slots.status());
    return;
  }
  update_ = Update();
  update_->assignment = assignment;
  update_->previous_sha256 = (*slots)->active().current().ref().sha256();
  LogInfo("update.begin", {{"line", assignment.release().line()},
                           {"version", assignment.release().version()},
                           {"rollout", assignment.rollout_id()}});
  Say(v1::DEPLOYMENT_STATE_ACCEPTED);
  backoff_.Reset();
  ArmDownloadDeadline();
  StartWork();
}

void UpdateDirector::StartWork() {
  const StatusOr<ota::LineSlots*> slots = parts_.lines.Get(update_->assignment.release().line());
  if (!slots.ok()) {
    LogStatus(LogLevel::kError, "update.line_unusable", slots.status());
    return;
  }
  ++update_->tries;
  update_->stage = UpdateStage::kPreparing;
  update_->working = true;
  parts_.work.Start(update_->assignment, **slots, *this);
}

void UpdateDirector::OnProgress(v1::DeploymentState state, std::uint64_t bytes_fetched) {
  if (!update_.has_value() || ended_) {
    return;
  }
  update_->bytes_fetched = bytes_fetched;
  if (state == v1::DEPLOYMENT_STATE_STAGED || state == v1::DEPLOYMENT_STATE_SELF_TESTING) {
    update_->stage = UpdateStage::kTesting;
    CancelTimer(deadline_timer_);
  }
  if (state == v1::DEPLOYMENT_STATE_SELF_TESTING) {
    ArmSelfTestDeadline();
  }
  Say(state);
}

void UpdateDirector::OnPrepared(const StatusOr<ota::PrepareResult>& result,
                                const ota::PrepareTrace& trace) {
  if (!update_.has_value() || ended_) {
    return;
  }
  update_->working = false;
  update_->bytes_fetched = trace.bytes_fetched;
  update_->prepared.score = trace.score;
  update_->prepared.release.set_variant(trace.variant);
  if (!result.ok()) {
    OnWorkFailed(result.status(), trace);
    return;
  }
  CancelTimer(deadline_timer_);
  update_->prepared = *result;
  if (update_->cancelled) {
    OnWorkFailed(Cancelled("the update was withdrawn"), trace);
    return;
  }
  if (result->outcome == ota::PrepareOutcome::kAlreadyCurrent) {
    Say(v1::DEPLOYMENT_STATE_ALREADY_CURRENT);
    EndUpdate();
    return;
  }
  update_->stage = UpdateStage::kReady;
  if (const v1::HoldMode hold = update_->assignment.hold(); HoldsActivation(hold)) {
    Say(v1::DEPLOYMENT_STATE_WAITING,
        WithReason(FailedPrecondition(hold == v1::HOLD_MODE_ACTIVATION ? "its window is closed"
                                                                       : "the rollout is paused"),
                   HoldReason(hold)));
  }
  Reconcile();
}

void UpdateDirector::OnWorkFailed(const Status& failure, const ota::PrepareTrace& /*trace*/) {
  if (update_->cancelled) {
    if (ota::LineSlots* slots = parts_.lines.Find(update_->assignment.release().line());
        slots != nullptr && update_->cancel_state == v1::DEPLOYMENT_STATE_UNSPECIFIED) {
      slots->Cancel().IgnoreError();
    }
    if (update_->cancel_state != v1::DEPLOYMENT_STATE_UNSPECIFIED) {
      Say(update_->cancel_state, WithReason(FailedPrecondition("the rollout is paused"),
                                            v1::FAILURE_REASON_POLICY_PAUSED));
    }
    EndUpdate();
    return;
  }
  const bool overdue = !update_->overdue.ok();
  const Status why = overdue ? update_->overdue : failure;
  LogStatus(LogLevel::kWarning, "update.failed", why);
  if (!overdue && RetryLater(why)) {
    return;
  }
  if (overdue && update_->stage == UpdateStage::kTesting) {
    AbandonOverdueTest();
  }
  Say(ota::FailureState(why), why);
  EndUpdate();
}

bool UpdateDirector::RetryLater(const Status& failure) {
  if (ota::FailureState(failure) != v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE ||
      !ota::IsRetryable(failure) || update_->tries >= options_.delivery_tries) {
    return false;
  }
  retry_timer_ = parts_.executor.PostAfter(backoff_.Next(), [this] {
    retry_timer_.reset();
    StartWork();
  });
  return true;
}

void UpdateDirector::CancelUpdate(const NextAction& action) {
  update_->cancelled = true;
  update_->cancel_state = action.state;
  LogInfo("update.cancel", {{"line", update_->assignment.release().line()},
                            {"version", update_->assignment.release().version()}});
  if (update_->working) {
    parts_.work.Cancel();
    return;
  }
  OnWorkFailed(Cancelled("the update was withdrawn"), {});
}

void UpdateDirector::EndUpdate() {
  CancelTimer(retry_timer_);
  CancelTimer(deadline_timer_);
  update_.reset();
  parts_.executor.Post([this] { Reconcile(); });
}

void UpdateDirector::Say(v1::DeploymentState state, const Status& why) {
  v1::UpdateReport report = MakeReport(update_->assignment, state, parts_.clock.Now());
  report.set_previous_sha256(update_->previous_sha256);
  report.set_bytes_fetched(update_->bytes_fetched);
  report.set_variant(update_->prepared.release.variant());
  if (update_->prepared.score.has_value()) {
    *report.mutable_golden() = *update_->prepared.score;
  }
  if (!why.ok()) {
    AddFailure(why, report);
  }
  SayAbout(update_->assignment, report);
}

void UpdateDirector::SayAbout(const v1::Assignment& assignment, const v1::UpdateReport& report) {
  const v1::DeploymentState state = report.state();
  TellIfGivenUp(assignment.release(), state);
  const StatusOr<bool> appended = parts_.outbox.Append(assignment, report);
  if (!appended.ok()) {
    LogStatus(LogLevel::kError, "outbox.append_failed", appended.status());
    return;
  }
  if (*appended) {
    LogInfo("update.state", {{"line", assignment.release().line()},
                             {"version", assignment.release().version()},
                             {"state", v1::DeploymentState_Name(state)}});
    parts_.on_reports();
    if (parts_.on_report) {
      parts_.on_report(report);
    }
  }
}

void UpdateDirector::TellIfGivenUp(const v1::ReleaseRef& release, v1::DeploymentState state) {
  if (state == v1::DEPLOYMENT_STATE_FAILED_REVERTED ||
      state == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM ||
      state == v1::DEPLOYMENT_STATE_FAILED_DEGRADED) {
    TellHealth(release, schema::ReleaseFate::kGaveUp);
  }
}

void UpdateDirector::TellHealth(const v1::ReleaseRef& release, schema::ReleaseFate fate) {
  const StatusOr<Digest> digest = Digest::FromBytes(AsBytes(release.sha256()));
  if (parts_.health != nullptr && digest.ok()) {
    parts_.health->OnRelease(release.line(), *digest, fate);
  }
}

void UpdateDirector::CancelTimer(std::optional<TimerId>& timer) {
  if (timer.has_value()) {
    parts_.executor.Cancel(*timer);
    timer.reset();
  }
}

}  // namespace flotilla::agent
