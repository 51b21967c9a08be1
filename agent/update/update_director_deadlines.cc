// UpdateDirector's terms of time: what an assignment says of download, self-test, activation and
// trial, and what happens when one of them is over. A restart of the agent begins a phase anew.
#include <utility>

#include "agent/update/update_director.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace

TrialTerms TermsOf(const v1::Assignment& assignment) {
  TrialTerms terms;
  if (assignment.has_trial_duration()) {
    terms.duration = FromProto(assignment.trial_duration());
  }
  terms.requests = assignment.trial_requests();
  return terms;
}

void UpdateDirector::ArmDeadline(Duration limit, std::function<void()> passed) {
  CancelTimer(deadline_timer_);
  deadline_timer_ = parts_.executor.PostAfter(limit, [this, passed = std::move(passed)] {
    deadline_timer_.reset();
    passed();
  });
}

// From ACCEPTED to STAGED, retries and their delays included.
void UpdateDirector::ArmDownloadDeadline() {
  CancelTimer(deadline_timer_);
  if (!update_->assignment.has_download_deadline()) {
    return;
  }
  ArmDeadline(FromProto(update_->assignment.download_deadline()), [this] {
    update_->overdue = WithReason(DeadlineExceeded("the download took too long"),
                                  v1::FAILURE_REASON_FETCH_DEADLINE);
    if (update_->working) {
      parts_.work.Cancel();
    } else {
      OnWorkFailed(update_->overdue, {});
    }
  });
}

// From SELF_TESTING to its verdict. The worker lets go first; OnPrepared then ends the update.
void UpdateDirector::ArmSelfTestDeadline() {
  if (!update_->assignment.has_self_test_deadline()) {
    return;
  }
  ArmDeadline(FromProto(update_->assignment.self_test_deadline()), [this] {
    update_->overdue = WithReason(DeadlineExceeded("the self-test took too long"),
                                  v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT);
    parts_.work.Cancel();
  });
}

// A slow device is no proof against the release: it is not marked, but the failure counts, and the
// loop breaker ends what fails again and again.
void UpdateDirector::AbandonOverdueTest() {
  ota::LineSlots* slots = parts_.lines.Find(update_->assignment.release().line());
  if (slots == nullptr) {
    return;
  }
  const Status status =
      slots->Abandon(v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT, ota::MarkMode::kNoMark);
  if (!status.ok()) {
    LogStatus(LogLevel::kError, "update.abandon_failed", status);
  }
}

// From the commit point until the new engine serves; then the trial's own length counts.
void UpdateDirector::ArmActivateDeadline() {
  CancelTimer(deadline_timer_);
  if (!update_->assignment.has_activate_deadline()) {
    return;
  }
  ArmDeadline(FromProto(update_->assignment.activate_deadline()), [this] {
    const std::string line = update_->assignment.release().line();
    LogWarning("update.activation_overdue", {{"line", line}});
    OnReleaseBad(line, v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT);
  });
}

}  // namespace flotilla::agent
