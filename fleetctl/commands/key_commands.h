#ifndef FLOTILLA_FLEETCTL_COMMANDS_KEY_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_KEY_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl key new|list|id: publisher keys, without any network
void AddKeyCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_KEY_COMMANDS_H_
