#ifndef FLOTILLA_FLEETCTL_COMMANDS_STAGE_COMMANDS_H_
#define FLOTILLA_FLEETCTL_COMMANDS_STAGE_COMMANDS_H_

#include <string>

#include "fleetctl/cli/cli.h"
#include "fleetctl/trust/signing_keys.h"
#include "fleetctl/trust/stage.h"

namespace flotilla::fleetctl {

// fleetctl <group> sign|show|merge|publish: what several people do with a stage. Only publish uses
// the network.
void AddStageCommands(Cli& cli, CLI::App& group, const std::string& name);

// A change that is signed with the keys at hand: published at once, or left in a folder for others
// to sign.
struct ChangeOptions {
  std::string stage;  // --stage
  SigningOptions signing;
};
void AddChangeOptions(CLI::App& command, ChangeOptions& options);
// The stage of such a change: in options.stage, or in memory.
StatusOr<Stage> OpenChange(const ChangeOptions& options);
// Shows the change, asks, signs, and publishes it unless it is to stay in its folder.
StatusOr<int> FinishChange(Cli& cli, Stage stage, const ChangeOptions& options,
                           const std::string& done);

// Shows a stage in the form that was asked for. The exit code is 8 while signatures are missing.
StatusOr<int> ShowStage(Cli& cli, const Stage& stage);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_COMMANDS_STAGE_COMMANDS_H_
