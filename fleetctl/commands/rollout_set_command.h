#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SET_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SET_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl rollout set: what of a rollout may change after its creation.
void AddRolloutSetCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_SET_COMMAND_H_
