#include "controller/rollout/outcome.h"

#include <string_view>

namespace flotilla::rollout {
namespace {

std::string Named(const std::string& enum_name, std::string_view prefix, int number) {
  std::string name = enum_name;
  if (name.starts_with(prefix)) {
    name.erase(0, prefix.size());
  }
  return name + " (" + std::to_string(number) + ")";
}

}  // namespace

Outcome OutcomeOf(v1::DeploymentState state) {
  switch (state) {
    case v1::DEPLOYMENT_STATE_SUCCEEDED:
      return Outcome::kSuccess;
    case v1::DEPLOYMENT_STATE_FAILED_REVERTED:
    case v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM:
    case v1::DEPLOYMENT_STATE_FAILED_DEGRADED:
    case v1::DEPLOYMENT_STATE_LOST:
      return Outcome::kQuality;
    case v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE:
    case v1::DEPLOYMENT_STATE_TIMED_OUT:
      return Outcome::kDelivery;
    case v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE:
    case v1::DEPLOYMENT_STATE_REJECTED_PINNED:
    case v1::DEPLOYMENT_STATE_REJECTED_FLOOR:
      return Outcome::kTargeting;
    case v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE:
    case v1::DEPLOYMENT_STATE_REJECTED_ROLLBACK_ATTACK:
    case v1::DEPLOYMENT_STATE_REJECTED_EXPIRED_METADATA:
      return Outcome::kSecurity;
    default:
      return state < v1::DEPLOYMENT_STATE_SUCCEEDED ? Outcome::kOpen : Outcome::kNeutral;
  }
}

bool IsTerminal(v1::DeploymentState state) {
  return OutcomeOf(state) != Outcome::kOpen;
}

bool IsInFlight(v1::DeploymentState state) {
  return state >= v1::DEPLOYMENT_STATE_OFFERED && !IsTerminal(state);
}

bool IsAttempting(v1::DeploymentState state) {
  return state >= v1::DEPLOYMENT_STATE_ACCEPTED && !IsTerminal(state);
}

bool IsExposed(v1::DeploymentState state) {
  switch (state) {
    case v1::DEPLOYMENT_STATE_ACTIVATING:
    case v1::DEPLOYMENT_STATE_TRIAL:
    case v1::DEPLOYMENT_STATE_SUCCEEDED:
    case v1::DEPLOYMENT_STATE_FAILED_DEGRADED:
    case v1::DEPLOYMENT_STATE_TIMED_OUT:
    case v1::DEPLOYMENT_STATE_LOST:
      return true;
    default:
      return false;
  }
}

bool MayReport(v1::DeploymentState from, v1::DeploymentState to) {
  if (to <= v1::DEPLOYMENT_STATE_OFFERED || to >= v1::DEPLOYMENT_STATE_TIMED_OUT) {
    return false;
  }
  switch (from) {
    case v1::DEPLOYMENT_STATE_TIMED_OUT:
    case v1::DEPLOYMENT_STATE_LOST:
      return IsTerminal(to);
    case v1::DEPLOYMENT_STATE_SUCCEEDED:
      return to == v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM;
    default:
      return !IsTerminal(from) && to > from;
  }
}

std::string NameOf(v1::DeploymentState state) {
  return Named(v1::DeploymentState_Name(state), "DEPLOYMENT_STATE_", static_cast<int>(state));
}

std::string NameOf(v1::FailureReason reason) {
  return Named(v1::FailureReason_Name(reason), "FAILURE_REASON_", static_cast<int>(reason));
}

}  // namespace flotilla::rollout
