#include "fleetctl/commands/approval_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/trust/signing_keys.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "ota/format/approval_statement.h"
#include "security/signer.h"

namespace flotilla::fleetctl {
namespace {

using v1::RolloutService;

struct ApproveOptions {
  std::string rollout;
  SigningOptions signing;
  std::string comment;
};

StatusOr<v1::Rollout> RolloutOf(const Cli& cli, const std::string& id) {
  v1::GetRolloutRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::GetRollout, request)));
  return response.rollout();
}

StatusOr<v1::Rollout> Act(const Cli& cli, const v1::ActOnRolloutRequest& request) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ActOnRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::ActOnRollout, request)));
  return response.rollout();
}

void Tell(Cli& cli, const v1::Rollout& rollout) {
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), rollout);
    return;
  }
  cli.out() << "rollout " << rollout.id() << ": "
            << ShortName(v1::RolloutState_Name(rollout.state()), "ROLLOUT_STATE_") << ", "
            << rollout.approvals_size() << " of " << rollout.spec().approvals_needed()
            << " approvals; " << rollout.why() << "\n";
}

StatusOr<int> Approve(Cli& cli, const ApproveOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Rollout rollout, RolloutOf(cli, options.rollout));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes statement,
                            ota::EncodeApprovalStatement(rollout.id(), rollout.release()));
  cli.err() << "created by " << rollout.created_by() << ", to devices \""
            << rollout.spec().selector() << "\"\nyou sign: " << AsText(statement) << "\n";
  FLOTILLA_RETURN_IF_ERROR(cli.Confirm("Devices take this signature as your word."));
  FLOTILLA_ASSIGN_OR_RETURN(const Signers keys, LoadSigners(options.signing));
  if (keys.size() != 1) {
    return InvalidArgument("an approval is one person's: name one key");
  }
  security::Signer& key = *keys.front();
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes signature, key.Sign(statement));
  v1::ActOnRolloutRequest request;
  request.set_rollout_id(rollout.id());
  request.set_action(v1::ROLLOUT_ACTION_APPROVE);
  request.set_comment(options.comment);
  request.mutable_approval()->set_key_id(ToText(ota::ApproverKeyId(key.public_key())));
  request.mutable_approval()->set_signature(ToText(signature));
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Rollout now, Act(cli, request));
  Tell(cli, now);
  return kExitOk;
}

StatusOr<int> Deny(Cli& cli, const ApproveOptions& options) {
  v1::ActOnRolloutRequest request;
  request.set_rollout_id(options.rollout);
  request.set_action(v1::ROLLOUT_ACTION_DENY);
  request.set_comment(options.comment);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Rollout now, Act(cli, request));
  Tell(cli, now);
  return kExitOk;
}

}  // namespace

void AddApprovalCommands(Cli& cli) {
  CLI::App& group = *cli.app().get_subcommand("rollout");
  const auto options = std::make_shared<ApproveOptions>();
  CLI::App& approve = cli.AddCommand(
      group, "approve", "Sign, as a second operator, that this release may go out by this rollout",
      "fleetctl rollout approve pump-2 --key approver.pem --comment 'tested in the lab'",
      [options](Cli& run) { return Approve(run, *options); });
  approve.add_option("rollout", options->rollout, "Name of the rollout")->required();
  AddSigningOptions(approve, options->signing);
  approve.add_option("--comment", options->comment, "For the audit log");
  CLI::App& deny =
      cli.AddCommand(group, "deny", "Refuse a rollout that was not started: it is cancelled",
                     "fleetctl rollout deny pump-2 --comment 'not before the holidays'",
                     [options](Cli& run) { return Deny(run, *options); });
  deny.add_option("rollout", options->rollout, "Name of the rollout")->required();
  deny.add_option("--comment", options->comment, "For the audit log");
}

}  // namespace flotilla::fleetctl
