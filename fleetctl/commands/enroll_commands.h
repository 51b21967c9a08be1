#ifndef FLOTILLA_FLEETCTL_COMMANDS_ENROLL_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ENROLL_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl enroll token create|list|revoke
void AddEnrollCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ENROLL_COMMANDS_H_
