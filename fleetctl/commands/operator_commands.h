#ifndef FLOTILLA_FLEETCTL_COMMANDS_OPERATOR_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_OPERATOR_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl operator request|add|list|revoke
void AddOperatorCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_OPERATOR_COMMANDS_H_
