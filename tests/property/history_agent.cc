#include "tests/property/history_agent.h"

#include "absl/strings/str_cat.h"

namespace flotilla::rollout {
namespace {

std::string KeyOf(const v1::Assignment& assignment) {
  return absl::StrCat(assignment.release().version(), "/", assignment.rollout_id(), "/",
                      assignment.attempt());
}

}  // namespace

void HistoryAgent::Hear(const v1::Assignment* assignment) {
  heard_.reset();
  if (assignment != nullptr) {
    heard_ = *assignment;
  }
  const bool same = work_.has_value() && heard_.has_value() && KeyOf(*work_) == KeyOf(*heard_);
  if (work_.has_value() && at_ < v1::DEPLOYMENT_STATE_ACTIVATING &&
      (!same || heard_->hold() != v1::HOLD_MODE_UNSPECIFIED)) {
    work_.reset();  // What it has fetched stays; it begins again when it is asked again.
  }
}

std::optional<v1::UpdateReport> HistoryAgent::Step(Luck luck) {
  const auto& asked = work_.has_value() ? work_ : heard_;
  if (asked.has_value() && confirmed_.contains(asked->release().version())) {
    luck = Luck::kGood;
  }
  if (!work_.has_value()) {
    return Begin(luck);
  }
  switch (at_) {
    case v1::DEPLOYMENT_STATE_ACCEPTED:
      return Say(v1::DEPLOYMENT_STATE_DOWNLOADING, v1::FAILURE_REASON_UNSPECIFIED);
    case v1::DEPLOYMENT_STATE_DOWNLOADING:
      return luck == Luck::kNotDelivered
                 ? End(v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::FAILURE_REASON_FETCH_CONNECT)
                 : Say(v1::DEPLOYMENT_STATE_SELF_TESTING, v1::FAILURE_REASON_UNSPECIFIED);
    case v1::DEPLOYMENT_STATE_SELF_TESTING:
      before_ = runs_;
      runs_ = work_->release().version();
      return Say(v1::DEPLOYMENT_STATE_TRIAL, v1::FAILURE_REASON_UNSPECIFIED);
    default:
      return EndTrial(luck);
  }
}

std::optional<v1::UpdateReport> HistoryAgent::Begin(Luck luck) {
  const bool wanted =
      heard_.has_value() && heard_->hold() == v1::HOLD_MODE_UNSPECIFIED && !IsDone(*heard_);
  if (!wanted) {
    return std::nullopt;
  }
  work_ = heard_;
  at_ = v1::DEPLOYMENT_STATE_PENDING;
  if (work_->release().version() == runs_) {
    return End(v1::DEPLOYMENT_STATE_ALREADY_CURRENT, v1::FAILURE_REASON_UNSPECIFIED);
  }
  return luck == Luck::kRejects
             ? End(v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE, v1::FAILURE_REASON_POLICY_RAM)
             : Say(v1::DEPLOYMENT_STATE_ACCEPTED, v1::FAILURE_REASON_UNSPECIFIED);
}

std::optional<v1::UpdateReport> HistoryAgent::EndTrial(Luck luck) {
  if (luck == Luck::kSticks) {
    return std::nullopt;
  }
  if (luck == Luck::kFails) {
    runs_ = before_;
    return End(v1::DEPLOYMENT_STATE_FAILED_REVERTED, v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
  }
  if (luck == Luck::kDegrades) {
    return End(v1::DEPLOYMENT_STATE_FAILED_DEGRADED, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  }
  confirmed_.insert(runs_);
  return End(v1::DEPLOYMENT_STATE_SUCCEEDED, v1::FAILURE_REASON_UNSPECIFIED);
}

bool HistoryAgent::IsDone(const v1::Assignment& assignment) const {
  const std::string key = KeyOf(assignment);
  return assignment.rollout_id().empty()
             ? last_done_ == key || assignment.release().version() == runs_
             : done_.contains(key);
}

std::optional<v1::UpdateReport> HistoryAgent::GoBad() {
  if (work_.has_value() || !last_.has_value() || last_->state() != v1::DEPLOYMENT_STATE_SUCCEEDED ||
      last_->release().version() != runs_ || before_.empty()) {
    return std::nullopt;
  }
  confirmed_.erase(runs_);
  runs_ = before_;
  last_->set_state(v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM);
  last_->set_reason(v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  return last_;
}

v1::UpdateReport HistoryAgent::Say(v1::DeploymentState state, v1::FailureReason reason) {
  at_ = state;
  v1::UpdateReport report;
  *report.mutable_release() = work_->release();
  report.set_rollout_id(work_->rollout_id());
  report.set_attempt(work_->attempt());
  report.set_state(state);
  report.set_reason(reason);
  if (!report.rollout_id().empty()) {
    last_ = report;
  }
  return report;
}

v1::UpdateReport HistoryAgent::End(v1::DeploymentState state, v1::FailureReason reason) {
  v1::UpdateReport report = Say(state, reason);
  last_done_ = KeyOf(*work_);
  done_.insert(last_done_);
  work_.reset();
  return report;
}

}  // namespace flotilla::rollout
