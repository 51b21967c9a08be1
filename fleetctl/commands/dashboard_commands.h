#ifndef FLOTILLA_FLEETCTL_COMMANDS_DASHBOARD_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_DASHBOARD_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl dashboard: the page's address with a token of one hour
void AddDashboardCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_DASHBOARD_COMMANDS_H_
