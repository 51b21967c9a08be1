#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/update.pb.h"

#include "ota/update_runner.h"

namespace flotilla::ota {
namespace {

bool IsIn(int reason, int first, int last) {
  return reason >= first && reason <= last;
}

bool IsExpired(int reason) {
  return IsIn(reason, v1::FAILURE_REASON_TRUST_EXPIRED_ROOT,
              v1::FAILURE_REASON_TRUST_EXPIRED_TARGETS);
}

bool IsRollback(int reason) {
  return IsIn(reason, v1::FAILURE_REASON_TRUST_ROLLBACK_ROOT,
              v1::FAILURE_REASON_TRUST_ROLE_REMOVED);
}

bool IsTrust(int reason) {
  return IsIn(reason, v1::FAILURE_REASON_FORM_JSON_SYNTAX,
              v1::FAILURE_REASON_TRUST_OPERATOR_SIGNATURE);
}

v1::DeploymentState PolicyState(int reason) {
  switch (reason) {
    case v1::FAILURE_REASON_POLICY_RELEASE_FLOOR:
    case v1::FAILURE_REASON_POLICY_BLOCKLISTED:
      return v1::DEPLOYMENT_STATE_REJECTED_FLOOR;
    case v1::FAILURE_REASON_POLICY_OPERATOR_HOLD:
      return v1::DEPLOYMENT_STATE_REJECTED_PINNED;
    default:
      return v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE;
  }
}

v1::DeploymentState InstallState(int reason) {
  switch (reason) {
    case v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH:
    case v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH:
      return v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE;
    case v1::FAILURE_REASON_INSTALL_ROLLBACK_FAILED:
      return v1::DEPLOYMENT_STATE_FAILED_DEGRADED;
    default:
      return v1::DEPLOYMENT_STATE_FAILED_REVERTED;
  }
}

}  // namespace

v1::DeploymentState FailureState(const Status& status) {
  const int reason = ReasonNumber(status);
  if (IsExpired(reason)) {
    return v1::DEPLOYMENT_STATE_REJECTED_EXPIRED_METADATA;
  }
  if (IsRollback(reason)) {
    return v1::DEPLOYMENT_STATE_REJECTED_ROLLBACK_ATTACK;
  }
  if (reason == v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG) {
    return v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE;
  }
  if (IsTrust(reason)) {
    return v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE;
  }
  if (IsIn(reason, v1::FAILURE_REASON_POLICY_HARDWARE, v1::FAILURE_REASON_POLICY_MARKED_BAD)) {
    return PolicyState(reason);
  }
  if (IsIn(reason, v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH,
           v1::FAILURE_REASON_INSTALL_CRASH_LOOP)) {
    return InstallState(reason);
  }
  return v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE;
}

bool IsRetryable(const Status& status) {
  const int reason = ReasonNumber(status);
  if (IsIn(reason, v1::FAILURE_REASON_FETCH_DNS, v1::FAILURE_REASON_FETCH_REDIRECT) ||
      IsExpired(reason) || reason == v1::FAILURE_REASON_TRUST_ROOT_CHAIN_TOO_LONG) {
    return true;
  }
  switch (status.code()) {
    case StatusCode::kUnavailable:
    case StatusCode::kDeadlineExceeded:
    case StatusCode::kResourceExhausted:
    case StatusCode::kCancelled:
    case StatusCode::kDataLoss:
      return !IsTrust(reason) && reason != v1::FAILURE_REASON_INSTALL_GGUF_INVALID &&
             reason != v1::FAILURE_REASON_INSTALL_LOAD_FAILED;
    default:
      return false;
  }
}

bool IsAttackSuspected(const Status& status) {
  const int reason = ReasonNumber(status);
  return IsRollback(reason) || reason == v1::FAILURE_REASON_TRUST_THRESHOLD ||
         IsIn(reason, v1::FAILURE_REASON_TRUST_VERSION_MISMATCH,
              v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH) ||
         reason == v1::FAILURE_REASON_TRUST_ASSIGNMENT_MISMATCH ||
         reason == v1::FAILURE_REASON_TRUST_BUNDLE_TIMESTAMP ||
         reason == v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH ||
         reason == v1::FAILURE_REASON_INSTALL_ARTIFACT_MISMATCH;
}

}  // namespace flotilla::ota
