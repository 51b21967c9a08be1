#ifndef FLOTILLA_FLEETCTL_COMMANDS_RELEASE_PUSH_COMMAND_H_
#define FLOTILLA_FLEETCTL_COMMANDS_RELEASE_PUSH_COMMAND_H_

#include "fleetctl/cli/cli.h"

namespace flotilla::fleetctl {

// fleetctl release push: makes a release of model files, signs, uploads and publishes it;
// fleetctl release sign|publish: for roles that need several keys
void AddReleasePushCommand(Cli& cli, CLI::App& group);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_RELEASE_PUSH_COMMAND_H_
