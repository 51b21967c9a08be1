#include "fleetctl/commands/rollout_set_command.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "flotilla/v1/rollout.grpc.pb.h"

#include "base/config/yaml_file.h"
#include "base/os_clock.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rollout/rollout_text.h"
#include "fleetctl/rollout/spec_edit.h"
#include "fleetctl/rollout/spec_options.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

using v1::RolloutService;

struct SetOptions {
  std::string rollout;
  std::string file;
  std::string comment;
  SpecEdit edit;
};

StatusOr<v1::RolloutSpec> Wanted(const SetOptions& options, const v1::Rollout& rollout) {
  if (options.file.empty()) {
    return EditedSpec(rollout, options.edit);
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::string text,
      config::ReadConfigText(options.file, "write it, or give what changes as flags"));
  FLOTILLA_ASSIGN_OR_RETURN(v1::RolloutSpec spec, SpecFromManifest(text, options.file));
  // What a manifest cannot say stays as it is.
  spec.set_approvals_needed(rollout.spec().approvals_needed());
  return spec;
}

StatusOr<int> Set(Cli& cli, const SetOptions& options) {
  v1::GetRolloutRequest get;
  get.set_rollout_id(options.rollout);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::GetRolloutResponse found,
                            (Call<RolloutService>(cli, &RolloutService::Stub::GetRollout, get)));
  v1::SetRolloutRequest request;
  request.set_rollout_id(options.rollout);
  request.set_revision(found.rollout().revision());
  FLOTILLA_ASSIGN_OR_RETURN(*request.mutable_spec(), Wanted(options, found.rollout()));
  request.set_comment(options.comment);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::SetRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::SetRollout, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  for (const std::string& change : response.changes()) {
    cli.out() << change << "\n";
  }
  cli.out() << "rollout " << response.rollout().id() << " is at revision "
            << response.rollout().revision() << "\n"
            << WindowText(response.rollout(), OsClock().Now());
  return kExitOk;
}

}  // namespace

void AddRolloutSetCommand(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<SetOptions>();
  CLI::App& command = cli.AddCommand(
      group, "set", "Change caps, rate, windows or soaks of a rollout that has not ended",
      "fleetctl rollout set pump-2.0.0 --max-in-flight 50 --comment 'slower at night'\n  fleetctl "
      "rollout set pump-2.0.0 --window 'FREQ=DAILY;BYHOUR=1 4h device-local activate'",
      [options](Cli& run) { return Set(run, *options); });
  SpecEdit& edit = options->edit;
  command.add_option("rollout", options->rollout, "Name of the rollout")->required();
  command.add_option("-f,--file", options->file, "Manifest as it is to be, instead of the options");
  command.add_option("--max-in-flight", edit.max_in_flight, "Devices busy at one time");
  command.add_option("--per-site", edit.per_site,
                     "Devices of one site busy at one time; 0: no limit");
  command.add_option("--rate", edit.rate, "Offers a minute, second or hour at first: 50/m");
  command.add_option("--rate-max", edit.rate_max, "Never faster than: 500/m");
  command.add_option("--soak", edit.soak, "How long a wave is watched before the next: 6h");
  command.add_option("--wave", edit.wave, "Only this wave's soak and in-flight cap");
  command.add_option("--max-extend", edit.max_extend, "How often an undecided wave takes more");
  command
      .add_option("--window", edit.windows,
                  "Windows from now on: \"RRULE DURATION [ZONE [accept|download|activate]]\"")
      ->allow_extra_args(false);
  command.add_flag("--no-windows", edit.no_windows, "It goes on at any time from now on");
  command.add_option("--comment", options->comment, "Why; kept in the audit log");
}

}  // namespace flotilla::fleetctl
