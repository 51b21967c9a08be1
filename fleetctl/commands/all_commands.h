#ifndef FLOTILLA_FLEETCTL_COMMANDS_ALL_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ALL_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

void AddAllCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ALL_COMMANDS_H_
