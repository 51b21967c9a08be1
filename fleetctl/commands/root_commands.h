#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl root init|edit|sign|show|merge|publish|reset. Only publish uses the network, and edit
// where it is not told what to start --from
void AddRootCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROOT_COMMANDS_H_
