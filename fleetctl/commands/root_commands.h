#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl root init|sign|show|publish; only publish uses the network
void AddRootCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_
