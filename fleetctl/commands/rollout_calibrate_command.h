#ifndef FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CALIBRATE_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CALIBRATE_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl rollout calibrate: what the rollouts of this fleet teach about p0 and p1. Changes
// nothing.
void AddRolloutCalibrateCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_ROLLOUT_CALIBRATE_COMMAND_H_
