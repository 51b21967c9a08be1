#ifndef FLOTILLA_FLEETCTL_COMMANDS_RELEASE_POLICY_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_RELEASE_POLICY_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl release block: what must never run again, signed by the line's role
void AddReleasePolicyCommands(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_RELEASE_POLICY_COMMANDS_H_
