#ifndef FLOTILLA_FLEETCTL_COMMANDS_DELEGATE_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_DELEGATE_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl delegate add|rotate|revoke|renew|list|sign|show|merge|publish: who may sign which line
void AddDelegateCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_DELEGATE_COMMANDS_H_
