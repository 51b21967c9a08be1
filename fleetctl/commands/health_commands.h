#ifndef FLOTILLA_FLEETCTL_COMMANDS_HEALTH_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_HEALTH_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// health show, ask
void AddHealthCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_HEALTH_COMMANDS_H_
