#ifndef FLOTILLA_FLEETCTL_COMMANDS_EXPIRY_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_EXPIRY_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl expiry
void AddExpiryCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_EXPIRY_COMMANDS_H_
