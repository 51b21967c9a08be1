#include "fleetctl/commands/rollout_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include "flotilla/v1/rollout.grpc.pb.h"

#include "base/os_clock.h"
#include "base/time.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/rollout_calibrate_command.h"
#include "fleetctl/commands/rollout_change.h"
#include "fleetctl/commands/rollout_history_command.h"
#include "fleetctl/commands/rollout_plan_command.h"
#include "fleetctl/commands/rollout_set_command.h"
#include "fleetctl/commands/rollout_spec_flags.h"
#include "fleetctl/commands/rollout_status_command.h"
#include "fleetctl/rollout/rollout_text.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

using v1::RolloutService;

struct CreateOptions {
  SpecSource source;
  bool allow_empty = false;
  bool expedite = false;
  std::string reason;
};

Status AddExpedite(const CreateOptions& options, v1::RolloutSpec& spec) {
  if (options.expedite != !options.reason.empty()) {
    return InvalidArgument("--expedite and --reason go together: say why it cannot wait");
  }
  if (options.expedite) {
    spec.mutable_expedite()->set_reason(options.reason);
  }
  return OkStatus();
}

StatusOr<int> Create(Cli& cli, const CreateOptions& options) {
  v1::CreateRolloutRequest request;
  FLOTILLA_ASSIGN_OR_RETURN(*request.mutable_spec(), SpecOf(options.source));
  FLOTILLA_RETURN_IF_ERROR(AddExpedite(options, *request.mutable_spec()));
  request.set_allow_empty(options.allow_empty);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::CreateRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::CreateRollout, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  const v1::Rollout& rollout = response.rollout();
  cli.out() << "rollout " << rollout.id() << " of " << ReleaseCell(rollout) << " is a draft for "
            << response.matching_devices() << " devices\n";
  WavesTable(rollout).Print(cli.out());
  cli.out() << GuardLines(rollout) << WindowText(rollout, OsClock().Now());
  if (rollout.state() == v1::ROLLOUT_STATE_AWAITING_APPROVAL) {
    cli.out() << "waiting for a second person: fleetctl rollout approve " << rollout.id() << "\n";
    return kExitOk;
  }
  cli.out() << "start it: fleetctl rollout start " << rollout.id() << "\n";
  return kExitOk;
}

StatusOr<v1::Rollout> Fetch(Cli& cli, const std::string& id) {
  v1::GetRolloutRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::GetRollout, request)));
  return response.rollout();
}

StatusOr<int> Get(Cli& cli, const std::string& id) {
  v1::GetRolloutResponse response;
  FLOTILLA_ASSIGN_OR_RETURN(*response.mutable_rollout(), Fetch(cli, id));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  FieldsTable(response.rollout()).Print(cli.out());
  cli.out() << "\n";
  WavesTable(response.rollout()).Print(cli.out());
  cli.out() << GuardLines(response.rollout()) << WindowText(response.rollout(), OsClock().Now());
  return kExitOk;
}

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListRolloutsResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::ListRollouts, v1::ListRolloutsRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
  } else {
    RolloutsTable(response).Print(cli.out());
  }
  return kExitOk;
}

StatusOr<int> Devices(Cli& cli, const std::string& id) {
  v1::ListRolloutDevicesRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListRolloutDevicesResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::ListRolloutDevices, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  FLOTILLA_ASSIGN_OR_RETURN(const v1::Rollout rollout, Fetch(cli, id));
  const Width width = cli.form() == OutputForm::kWide ? Width::kWide : Width::kNormal;
  DevicesTable(response, rollout, width).Print(cli.out());
  return kExitOk;
}

StatusOr<int> Explain(Cli& cli, const std::string& id) {
  v1::ExplainRolloutRequest request;
  request.set_rollout_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ExplainRolloutResponse response,
      (Call<RolloutService>(cli, &RolloutService::Stub::ExplainRollout, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  for (const std::string& line : response.lines()) {
    cli.out() << line << "\n";
  }
  return kExitOk;
}

struct ActOptions {
  std::string id;
  std::string comment;
  std::string extend_by;
  bool freeze = false;
};

StatusOr<int> Act(Cli& cli, v1::RolloutAction action, const ActOptions& options) {
  v1::ActOnRolloutRequest request;
  request.set_rollout_id(options.id);
  request.set_action(action);
  request.set_comment(options.comment);
  if (action == v1::ROLLOUT_ACTION_PAUSE) {
    request.set_hold(options.freeze ? v1::HOLD_MODE_FREEZE : v1::HOLD_MODE_DRAIN);
  }
  if (action == v1::ROLLOUT_ACTION_EXTEND) {
    FLOTILLA_ASSIGN_OR_RETURN(const Duration longer, ParseDurationText(options.extend_by));
    *request.mutable_extend_by() = rollout::ToWire(longer);
  }
  return ChangeRollout(cli, request);
}

void AddCreate(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<CreateOptions>();
  CLI::App& command = cli.AddCommand(
      group, "create", "Write down a rollout; nothing starts yet",
      "fleetctl rollout create --line pump-assistant --version 2.0.0 --waves 1,3,rest --gate auto "
      "--soak 5s\n  fleetctl rollout create -f rollout.yaml",
      [options](Cli& run) { return Create(run, *options); });
  AddSpecFlags(command, options->source);
  command.add_flag("--expedite", options->expedite,
                   "A fix that cannot wait: no soak and no gate, caps and judge stay; a second "
                   "operator has to approve it");
  command.add_option("--reason", options->reason, "With --expedite: why; kept in the audit log");
  command.add_flag("--allow-empty", options->allow_empty, "Accept a selector that matches nothing");
}

void AddForRollout(Cli& cli, CLI::App& group, const std::string& name, const std::string& what,
                   StatusOr<int> (*run)(Cli&, const std::string&)) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = cli.AddCommand(group, name, what, "fleetctl rollout " + name + " pump-2.0.0",
                                     [id, run](Cli& used) { return run(used, *id); });
  command.add_option("rollout", *id, "Name of the rollout")->required();
}

std::shared_ptr<ActOptions> AddAction(Cli& cli, CLI::App& group, v1::RolloutAction action,
                                      const std::string& name, const std::string& what) {
  auto options = std::make_shared<ActOptions>();
  const std::string extra = action == v1::ROLLOUT_ACTION_EXTEND ? " --by 6h" : "";
  CLI::App& command =
      cli.AddCommand(group, name, what, "fleetctl rollout " + name + " pump-2.0.0" + extra,
                     [action, options](Cli& run) { return Act(run, action, *options); });
  command.add_option("rollout", options->id, "Name of the rollout")->required();
  command.add_option("--comment", options->comment, "Why; kept in the audit log");
  return options;
}

}  // namespace

void AddRolloutCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "rollout", "Bring releases to devices, wave by wave");
  AddCreate(cli, group);
  AddRolloutPlanCommand(cli, group);
  AddAction(cli, group, v1::ROLLOUT_ACTION_START, "start", "Dispatch the first wave");
  AddRolloutStatusCommand(cli, group);
  AddForRollout(cli, group, "get", "Show one rollout and its waves", &Get);
  cli.AddCommand(group, "list", "Show the rollouts, newest first", "fleetctl rollout list", &List);
  AddForRollout(cli, group, "devices", "Show each device of a rollout", &Devices);
  AddForRollout(cli, group, "explain", "Say why a rollout is where it is", &Explain);
  const auto pause = AddAction(cli, group, v1::ROLLOUT_ACTION_PAUSE, "pause",
                               "Hold a rollout; devices past staging finish");
  group.get_subcommand("pause")->add_flag("--freeze", pause->freeze,
                                          "Nothing is activated any more, staged or not");
  AddAction(cli, group, v1::ROLLOUT_ACTION_RESUME, "resume", "Let a paused rollout go on");
  AddAction(cli, group, v1::ROLLOUT_ACTION_PROMOTE, "promote",
            "Open a manual gate, end a soak, or accept an undecided wave");
  const auto extend = AddAction(cli, group, v1::ROLLOUT_ACTION_EXTEND, "extend",
                                "Let the wave in progress soak longer");
  group.get_subcommand("extend")
      ->add_option("--by", extend->extend_by, "How much longer: 6h")
      ->required();
  AddAction(cli, group, v1::ROLLOUT_ACTION_RETRY, "retry",
            "Let devices whose delivery failed try once more");
  AddAction(cli, group, v1::ROLLOUT_ACTION_ABORT, "abort",
            "Stop a rollout and send its devices back to the baseline");
  AddAction(cli, group, v1::ROLLOUT_ACTION_ROLLBACK, "rollback",
            "Take a release back, also from a completed rollout");
  AddRolloutSetCommand(cli, group);
  AddRolloutHistoryCommand(cli, group);
  AddRolloutCalibrateCommand(cli, group);
}

}  // namespace flotilla::fleetctl
