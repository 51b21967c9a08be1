#ifndef FLOTILLA_FLEETCTL_COMMANDS_RECOVER_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_RECOVER_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl recover fast-forward: undo version numbers that a thief has driven up
void AddRecoverCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_RECOVER_COMMANDS_H_
