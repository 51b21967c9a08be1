#ifndef FLOTILLA_FLEETCTL_COMMANDS_BUNDLE_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_BUNDLE_COMMANDS_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

void AddBundleCommands(Cli& cli);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_BUNDLE_COMMANDS_H_
