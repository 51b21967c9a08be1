#ifndef FLOTILLA_FLEETCTL_COMMANDS_REVOCATION_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_REVOCATION_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// release revoke, approve-revocation, deny-revocation, revocation: the kill switch.
void AddRevocationCommands(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_REVOCATION_COMMANDS_H_
