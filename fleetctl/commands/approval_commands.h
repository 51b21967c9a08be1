#ifndef FLOTILLA_FLEETCTL_COMMANDS_APPROVAL_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_APPROVAL_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl rollout approve|deny; after AddRolloutCommands, whose group they join
void AddApprovalCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_APPROVAL_COMMANDS_H_
