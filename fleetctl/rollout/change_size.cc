#include "fleetctl/rollout/change_size.h"

#include "controller/rollout/outcome.h"
#include "fleetctl/rollout/rollout_text.h"

namespace flotilla::fleetctl {
namespace {

bool IsMoved(v1::RolloutAction action, v1::DeploymentState state) {
  return action == v1::ROLLOUT_ACTION_RETRY
             ? rollout::OutcomeOf(state) == rollout::Outcome::kDelivery
             : rollout::IsExposed(state);
}

const char* VerbOf(v1::RolloutAction action) {
  switch (action) {
    case v1::ROLLOUT_ACTION_START:
      return "Start";
    case v1::ROLLOUT_ACTION_ABORT:
      return "Abort";
    case v1::ROLLOUT_ACTION_ROLLBACK:
      return "Roll back";
    case v1::ROLLOUT_ACTION_RETRY:
      return "Retry";
    default:
      return "Change";
  }
}

}  // namespace

bool MovesDevices(v1::RolloutAction action, const v1::Rollout& rollout) {
  switch (action) {
    case v1::ROLLOUT_ACTION_START:
      return rollout.state() == v1::ROLLOUT_STATE_DRAFT ||
             rollout.state() == v1::ROLLOUT_STATE_SCHEDULED;
    case v1::ROLLOUT_ACTION_ABORT:
      return rollout.spec().on_abort().rollback() != v1::ROLLBACK_MODE_NONE;
    case v1::ROLLOUT_ACTION_ROLLBACK:
    case v1::ROLLOUT_ACTION_RETRY:
      return true;
    default:
      return false;
  }
}

std::uint32_t MovedDevices(v1::RolloutAction action,
                           const v1::ListRolloutDevicesResponse& devices) {
  std::uint32_t moved = 0;
  for (const v1::RolloutDevice& device : devices.devices()) {
    moved += IsMoved(action, device.state()) ? 1U : 0U;
  }
  return moved;
}

std::string ChangeQuestion(v1::RolloutAction action, const v1::Rollout& rollout,
                           const std::string& count) {
  return std::string(VerbOf(action)) + " rollout " + rollout.id() + " of " + ReleaseCell(rollout) +
         " on " + count + " devices?";
}

}  // namespace flotilla::fleetctl
