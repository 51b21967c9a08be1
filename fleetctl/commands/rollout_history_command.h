#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_HISTORY_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_HISTORY_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// `rollout history NAME`: who did what to a rollout, and what it did by itself, oldest first.
void AddRolloutHistoryCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_HISTORY_COMMAND_H_
