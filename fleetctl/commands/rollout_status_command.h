#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_STATUS_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_STATUS_COMMAND_H_

#include <CLI/CLI.hpp>

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// rollout status [-w|--wait]: how far a rollout is, once, live, or until it ends.
void AddRolloutStatusCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_STATUS_COMMAND_H_
