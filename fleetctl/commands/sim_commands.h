#ifndef FLOTILLA_FLEETCTL_COMMANDS_SIM_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_SIM_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl sim run: without a controller.
void AddSimCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_SIM_COMMANDS_H_
