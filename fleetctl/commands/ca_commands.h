#ifndef FLOTILLA_FLEETCTL_COMMANDS_CA_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_CA_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl ca list | rotate | retire: the CA that devices and operators hang under. Each keeps the
// context's CA file in step with what the controller trusts.
void AddCaCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_CA_COMMANDS_H_
