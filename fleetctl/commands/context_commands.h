#ifndef FLOTILLA_FLEETCTL_COMMANDS_CONTEXT_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_CONTEXT_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl context list|use|set, fleetctl auth status, fleetctl completion
void AddContextCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_CONTEXT_COMMANDS_H_
