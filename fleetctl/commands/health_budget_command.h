#ifndef FLOTILLA_FLEETCTL_COMMANDS_HEALTH_BUDGET_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_HEALTH_BUDGET_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl health budget: without a controller. Stands after what else adds to the group "health".
void AddHealthBudgetCommand(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_HEALTH_BUDGET_COMMAND_H_
