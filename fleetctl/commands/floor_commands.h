#ifndef FLOTILLA_FLEETCTL_COMMANDS_FLOOR_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_FLOOR_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl floor set|reset: the lowest release counter of a line that may run
void AddFloorCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_FLOOR_COMMANDS_H_
