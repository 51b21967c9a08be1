#ifndef FLOTILLA_FLEETCTL_CLI_COMPLETION_H_
#define FLOTILLA_FLEETCTL_CLI_COMPLETION_H_

#include <string>

#include <CLI/CLI.hpp>

#include "base/status.h"

namespace flotilla::fleetctl {

// A completion script for "bash", "zsh" or "fish", made from the tree of commands.
// INVALID_ARGUMENT: another shell.
StatusOr<std::string> CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_CLI_COMPLETION_H_
