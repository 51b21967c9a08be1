#include "fleetctl/commands/delegate_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {
namespace {

struct DelegateOptions {
  std::string role;
  std::vector<std::string> keys;
  std::int64_t threshold = 1;
  std::vector<std::string> paths;
  std::string expires = "180d";
  SigningOptions signing;
};

StatusOr<int> PublishTargets(Cli& cli, tuf::Draft targets, const SigningOptions& signing,
                             const std::string& what) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(signing));
  const std::int64_t version = targets.version();
  FLOTILLA_ASSIGN_OR_RETURN(const auto response,
                            PublishRole(cli, "targets", std::move(targets), signers));
  cli.out() << what << "; targets " << version << ", snapshot " << response.snapshot_version()
            << "\n";
  return kExitOk;
}

StatusOr<int> Add(Cli& cli, const DelegateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  tuf::DelegationSpec spec;
  spec.name = options.role;
  FLOTILLA_ASSIGN_OR_RETURN(spec.keys, LoadPublicKeys(options.keys));
  spec.threshold = options.threshold;
  spec.paths =
      options.paths.empty() ? std::vector<std::string>{options.role + "/*"} : options.paths;
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft targets, EditRole(cli, "targets", life));
  FLOTILLA_RETURN_IF_ERROR(targets.SetDelegation(spec));
  return PublishTargets(cli, std::move(targets), options.signing,
                        options.role + " may sign " + spec.paths.front() + " with " +
                            std::to_string(spec.threshold) + " of " +
                            std::to_string(spec.keys.size()) + " keys");
}

}  // namespace

void AddDelegateCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "delegate", "Who may sign the releases of a line");
  const auto add = std::make_shared<DelegateOptions>();
  CLI::App& add_command =
      cli.AddCommand(group, "add", "Let keys sign a line's releases, or change its keys",
                     "fleetctl delegate add models-pump-assistant --keys ci.pub --key targets.pem",
                     [add](Cli& run) { return Add(run, *add); });
  add_command.add_option("role", add->role, "Name of the role: models-LINE")->required();
  add_command.add_option("--keys", add->keys, "Public keys of the role")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  add_command.add_option("--threshold", add->threshold, "How many of them must sign")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
  add_command.add_option("--paths", add->paths, "Target paths it answers for; ROLE/* by default")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_command.add_option("--expires", add->expires, "Life of the new targets metadata")
      ->capture_default_str();
  AddSigningOptions(add_command, add->signing);
}

}  // namespace flotilla::fleetctl
