#ifndef FLOTILLA_FLEETCTL_COMMANDS_AUDIT_VERIFY_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_AUDIT_VERIFY_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl audit verify, below the group `audit`
void AddAuditVerifyCommand(Cli& cli, CLI::App& audit);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_AUDIT_VERIFY_COMMAND_H_
