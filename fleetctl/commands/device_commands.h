#ifndef FLOTILLA_FLEETCTL_COMMANDS_DEVICE_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_DEVICE_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl device list|get|why|revoke
void AddDeviceCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_DEVICE_COMMANDS_H_
