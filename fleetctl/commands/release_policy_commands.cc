#include "fleetctl/commands/release_policy_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "base/digest.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/trust/signing_keys.h"
#include "flotilla/v1/release.grpc.pb.h"
#include "ota/format/release_document.h"

namespace flotilla::fleetctl {
namespace {

using v1::ReleaseService;

struct PolicyOptions {
  std::string line;
  std::string version;
  std::string expires = "90d";
  SigningOptions signing;
};

struct OpenRole {
  std::string role;
  tuf::Draft draft;
};

StatusOr<OpenRole> OpenLine(const Cli& cli, const PolicyOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine line, ModelLine::Parse(options.line));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  const std::string role = ota::RoleOfLine(line);
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft draft, EditRole(cli, role, life));
  return OpenRole{role, std::move(draft)};
}

StatusOr<int> Finish(Cli& cli, OpenRole open, const PolicyOptions& options,
                     const std::string& what) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(options.signing));
  FLOTILLA_RETURN_IF_ERROR(PublishRole(cli, open.role, std::move(open.draft), signers).status());
  cli.out() << what << "\n";
  return kExitOk;
}

StatusOr<int> Block(Cli& cli, const PolicyOptions& options) {
  v1::GetReleaseRequest request;
  request.set_line(options.line);
  request.set_version(options.version);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetReleaseResponse response,
      (Call<ReleaseService>(cli, &ReleaseService::Stub::GetRelease, request)));
  FLOTILLA_ASSIGN_OR_RETURN(const Digest digest,
                            Digest::FromBytes(AsBytes(response.release().ref().sha256())));
  FLOTILLA_ASSIGN_OR_RETURN(OpenRole open, OpenLine(cli, options));
  FLOTILLA_RETURN_IF_ERROR(open.draft.Block(digest));
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm(options.line + " " + options.version + " will never run again."));
  return Finish(cli, std::move(open), options,
                options.line + " " + options.version + " is blocked");
}

}  // namespace

void AddReleasePolicyCommands(Cli& cli, CLI::App& group) {
  const auto block = std::make_shared<PolicyOptions>();
  CLI::App& block_command =
      cli.AddCommand(group, "block", "Forbid one release for ever",
                     "fleetctl release block pump-assistant 2.0.0 --key models.pem",
                     [block](Cli& run) { return Block(run, *block); });
  block_command.add_option("line", block->line, "Model line")->required();
  block_command.add_option("version", block->version, "Version")->required();
  AddSigningOptions(block_command, block->signing);
}

}  // namespace flotilla::fleetctl
