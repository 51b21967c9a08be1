#ifndef FLOTILLA_FLEETCTL_COMMANDS_POLICY_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_POLICY_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl freeze create|list|delete, device pin|unpin|pins: rules over all rollouts. After
// AddDeviceCommands.
void AddPolicyCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_POLICY_COMMANDS_H_
