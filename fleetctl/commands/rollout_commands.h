#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// rollout create|start|status|get|list|devices|explain|pause|resume|promote|abort|rollback.
void AddRolloutCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_COMMANDS_H_
