#include "agent/update/update_report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "ota/update_runner.h"

namespace flotilla::agent {
namespace {

constexpr std::array<std::string_view, 4> kTopRoles = {"root", "timestamp", "snapshot", "targets"};
constexpr std::string_view kLineRolePrefix = "models-";
constexpr std::size_t kMaxRoleLength = 128;
// FORM_*, TRUST_* (200 to 399), and a floor or a blocked release, which the line's role names.
constexpr int kFirstTrustReason = 200;
constexpr int kPastTrustReasons = 400;

bool IsRole(std::string_view word) {
  return std::find(kTopRoles.begin(), kTopRoles.end(), word) != kTopRoles.end() ||
         (word.starts_with(kLineRolePrefix) && word.find('/') == std::string_view::npos &&
          word.find(' ') == std::string_view::npos);
}

bool NamesRole(int reason) {
  return (reason >= kFirstTrustReason && reason < kPastTrustReasons) ||
         reason == v1::FAILURE_REASON_POLICY_RELEASE_FLOOR ||
         reason == v1::FAILURE_REASON_POLICY_BLOCKLISTED;
}

}  // namespace

v1::UpdateReport MakeReport(const v1::Assignment& assignment, v1::DeploymentState state, Time now) {
  v1::UpdateReport report;
  *report.mutable_release() = assignment.release();
  report.set_rollout_id(assignment.rollout_id());
  report.set_rollout_revision(assignment.rollout_revision());
  report.set_wave(assignment.wave());
  report.set_attempt(assignment.attempt());
  report.set_state(state);
  report.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(now));
  return report;
}

void AddFailure(const Status& failure, v1::UpdateReport& report) {
  const int reason = ReasonNumber(failure);
  if (v1::FailureReason_IsValid(reason)) {
    report.set_reason(static_cast<v1::FailureReason>(reason));
  }
  report.set_role(FailedRole(failure));
  report.set_retryable(ota::IsRetryable(failure));
  report.set_attack_suspected(ota::IsAttackSuspected(failure));
}

std::string FailedRole(const Status& failure) {
  if (!NamesRole(ReasonNumber(failure))) {
    return "";
  }
  const std::string text = MessageOf(failure);
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(": ", start), text.size());
    const std::string_view word = std::string_view(text).substr(start, end - start);
    if (IsRole(word)) {
      return std::string(word.substr(0, kMaxRoleLength));
    }
    start = end + 2;
  }
  return "";
}

}  // namespace flotilla::agent
