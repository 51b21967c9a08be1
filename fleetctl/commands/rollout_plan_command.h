#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_PLAN_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_PLAN_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl rollout plan: the waves of a rollout that is not written down yet, and when each could
// start. Asks no controller.
void AddRolloutPlanCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_PLAN_COMMAND_H_
