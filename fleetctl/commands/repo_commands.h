#ifndef FLOTILLA_FLEETCTL_COMMANDS_REPO_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_REPO_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl repo verify: our client from past roots, over the controller or a folder
void AddRepoCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_REPO_COMMANDS_H_
