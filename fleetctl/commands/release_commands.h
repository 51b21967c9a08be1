#ifndef FLOTILLA_FLEETCTL_COMMANDS_RELEASE_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_RELEASE_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl release push|sign|publish|list|show|verify|floor|block
void AddReleaseCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_RELEASE_COMMANDS_H_
