#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CHANGE_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CHANGE_H_

#include <string>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// Sends the action and prints what became of the rollout. Before one that changes more than 50
// devices it shows the plan and asks: ABORTED without a yes.
StatusOr<int> ChangeRollout(Cli& cli, const v1::ActOnRolloutRequest& request);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CHANGE_H_
