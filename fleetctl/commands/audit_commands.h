#ifndef FLOTILLA_FLEETCTL_COMMANDS_AUDIT_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_AUDIT_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl audit list|verify
void AddAuditCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_AUDIT_COMMANDS_H_
