// UpdateDirector and releases that must not answer any more: revoked ones, and ones that may not be
// served without a word from the controller. Marks are durable before an engine is ended; a restart
// finds them and starts none.
#include <optional>
#include <string>
#include <vector>

#include "agent/update/update_director.h"
#include "base/log.h"

namespace flotilla::agent {
namespace {

constexpr Duration kMarkAgain = absl::Seconds(5);

}  // namespace

void UpdateDirector::ApplyStops() {
  const bool marked = MarkStops();
  for (ota::LineSlots* slots : parts_.lines.All()) {
    if (const v1::FailureReason cause = CauseToStop(*slots);
        cause != v1::FAILURE_REASON_UNSPECIFIED) {
      StopLine(*slots, cause);
    }
  }
  if (marked && killing_.empty()) {
    TellLines();
  }
}

// True: a mark was written.
bool UpdateDirector::MarkStops() {
  bool marked = false;
  bool failed = false;
  for (const v1::ReleaseStop& stop : desired_.stops()) {
    const StatusOr<ota::LineSlots*> slots = parts_.lines.Get(stop.release().line());
    const StatusOr<bool> written =
        slots.ok() ? (*slots)->Revoke(stop.release(), stop.serve()) : slots.status();
    if (!written.ok()) {
      LogStatus(LogLevel::kError, "release.revocation_not_saved", written.status());
      failed = true;
      continue;
    }
    if (*written) {
      LogWarning("release.revoked", {{"line", stop.release().line()},
                                     {"version", stop.release().version()},
                                     {"serve", v1::ServeInstead_Name(stop.serve())}});
      EndOldEngines(**slots, stop.release());
      marked = true;
    }
  }
  CancelTimer(mark_timer_);
  if (failed && !ended_) {
    mark_timer_ = parts_.executor.PostAfter(kMarkAgain, [this] {
      mark_timer_.reset();
      ApplyStops();
    });
  }
  return marked;
}

// Of a release that is not the line's current one any more an engine may still answer what it
// began.
void UpdateDirector::EndOldEngines(const ota::LineSlots& slots, const v1::ReleaseRef& revoked) {
  const v1::ActiveRecord active = slots.active();
  const bool may_drain =
      active.has_current() && active.current().ref().sha256() != revoked.sha256();
  if (may_drain) {
    killing_.insert(slots.line().value());
    parts_.engines.EndDraining(slots.line().value(), *this);
  }
}

std::optional<v1::ServeInstead> UpdateDirector::OrderFor(const ota::LineSlots& slots) const {
  if (const auto mark = slots.CurrentRevoked(); mark.has_value()) {
    return mark->serve();
  }
  const std::string current = slots.active().current().ref().sha256();
  for (const v1::ReleaseStop& stop : desired_.stops()) {
    if (!current.empty() && stop.release().sha256() == current) {
      return stop.serve();
    }
  }
  return std::nullopt;
}

v1::FailureReason UpdateDirector::CauseToStop(const ota::LineSlots& slots) const {
  if (OrderFor(slots).has_value()) {
    return v1::FAILURE_REASON_POLICY_REVOKED;
  }
  const v1::ActiveRecord active = slots.active();
  // A trial has terms of time of its own.
  const bool too_old =
      active.has_current() && !active.trial() && parts_.too_old && parts_.too_old(active.current());
  return too_old ? v1::FAILURE_REASON_POLICY_MAX_AGE : v1::FAILURE_REASON_UNSPECIFIED;
}

bool UpdateDirector::GoesBackAtOnce(const ota::LineSlots& slots) const {
  const std::optional<v1::ServeInstead> serve = OrderFor(slots);
  if (!serve.has_value() || !slots.CanGoBack()) {
    return false;
  }
  const std::string previous = slots.active().previous().ref().sha256();
  for (const v1::Assignment& assignment : desired_.assignments()) {
    if (assignment.release().line() == slots.line().value()) {
      return assignment.release().sha256() == previous;
    }
  }
  return *serve == v1::SERVE_INSTEAD_PREVIOUS;
}

void UpdateDirector::StopLine(ota::LineSlots& slots, v1::FailureReason cause) {
  if (cause == v1::FAILURE_REASON_POLICY_REVOKED && GoesBackAtOnce(slots)) {
    StopEngines(slots, StandIn::kWait, cause);
    const Status status = slots.RollBack(cause, ota::MarkMode::kNoMark);
    if (status.ok()) {
      LogWarning("release.went_back", {{"line", slots.line().value()},
                                       {"to", slots.active().current().ref().version()}});
      RunLine(slots, TrialTerms());
      parts_.work.CollectGarbage();
      return;
    }
    LogStatus(LogLevel::kError, "release.go_back_failed", status);
  }
  if (slots.active().trial()) {
    // No engine tries it any more; the line may take up another release.
    if (const Status status = slots.Confirm(); !status.ok()) {
      LogStatus(LogLevel::kError, "release.trial_not_ended", status);
    }
  }
  const v1::InstalledRelease current = slots.active().current();
  const std::optional<v1::ServeInstead> serve = OrderFor(slots);
  const bool answers =
      !current.fallback_answer().empty() &&
      serve.value_or(v1::SERVE_INSTEAD_STATIC_ANSWER) == v1::SERVE_INSTEAD_STATIC_ANSWER;
  StopEngines(slots, answers ? StandIn::kStaticAnswer : StandIn::kRefusal, cause);
}

void UpdateDirector::StopEngines(const ota::LineSlots& slots, StandIn stand_in,
                                 v1::FailureReason cause) {
  const std::string& line = slots.line().value();
  const v1::InstalledRelease current = slots.active().current();
  const Stopped stopped{current.ref().sha256(), stand_in, cause};
  if (const auto known = stopped_.find(line); known != stopped_.end() && known->second == stopped) {
    return;
  }
  stopped_[line] = stopped;
  killing_.insert(line);
  parts_.engines.Stop(line, current, stand_in, cause, *this);
  if (cause == v1::FAILURE_REASON_POLICY_REVOKED) {
    TellHealth(current.ref(), schema::ReleaseFate::kGaveUp);
  }
  if (update_.has_value() && update_->stage == UpdateStage::kCommitted &&
      update_->assignment.release().line() == line) {
    EndUpdate();
  }
}

void UpdateDirector::OnStopped(const std::string& line) {
  killing_.erase(line);
  if (killing_.empty()) {
    TellLines();
  }
}

void UpdateDirector::OnAgesChanged() {
  for (ota::LineSlots* slots : parts_.lines.All()) {
    const v1::FailureReason cause = CauseToStop(*slots);
    const bool is_stopped = stopped_.contains(slots->line().value());
    if (cause != v1::FAILURE_REASON_UNSPECIFIED) {
      StopLine(*slots, cause);
    } else if (is_stopped) {
      RunLine(*slots, TrialTerms());
    }
  }
}

std::vector<std::string> UpdateDirector::StoppedReleases(const ota::LineSlots& slots) const {
  std::vector<std::string> digests;
  if (killing_.contains(slots.line().value())) {
    return digests;
  }
  for (const v1::MarkedBad& mark : slots.marked_bad()) {
    if (mark.reason() == v1::FAILURE_REASON_POLICY_REVOKED) {
      digests.push_back(mark.release().sha256());
    }
  }
  return digests;
}

void UpdateDirector::TellLines() const {
  if (parts_.on_lines) {
    parts_.on_lines();
  }
}

}  // namespace flotilla::agent
