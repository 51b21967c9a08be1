#include "fleetctl/commands/policy_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include "flotilla/v1/policy.grpc.pb.h"

#include "base/os_clock.h"
#include "base/time.h"
#include "controller/rollout/wire_time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"

namespace flotilla::fleetctl {
namespace {

using v1::PolicyService;

struct FreezeOptions {
  std::string name;
  std::string from;
  std::string until;
  std::string selector;
  std::string reason;
};

// "2026-12-24T00:00:00Z", or a duration from now; empty: now.
StatusOr<Time> ReadMoment(const std::string& text, const std::string& option, Time now) {
  if (text.empty()) {
    return now;
  }
  const StatusOr<Duration> in = ParseDurationText(text);
  if (in.ok()) {
    return now + *in;
  }
  const StatusOr<Time> at = ParseUtcText(text);
  if (!at.ok()) {
    return InvalidArgument(option + ": \"" + text +
                           "\" is neither a time such as 2026-12-24T00:00:00Z nor one from now "
                           "such as 12h");
  }
  return *at;
}

std::string FreezeState(const v1::Freeze& freeze, Time now) {
  if (freeze.in_force()) {
    return "IN FORCE";
  }
  return rollout::FromWire(freeze.until()) <= now ? "OVER" : "PLANNED";
}

StatusOr<int> CreateFreeze(Cli& cli, const FreezeOptions& options) {
  const Time now = OsClock().Now();
  v1::CreateFreezeRequest request;
  v1::Freeze& freeze = *request.mutable_freeze();
  freeze.set_name(options.name);
  FLOTILLA_ASSIGN_OR_RETURN(const Time from, ReadMoment(options.from, "--from", now));
  FLOTILLA_ASSIGN_OR_RETURN(const Time until, ReadMoment(options.until, "--until", now));
  *freeze.mutable_from() = rollout::ToWire(from);
  *freeze.mutable_until() = rollout::ToWire(until);
  freeze.set_selector(options.selector);
  freeze.set_reason(options.reason);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::CreateFreezeResponse response,
      (Call<PolicyService>(cli, &PolicyService::Stub::CreateFreeze, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  cli.out() << "freeze " << options.name << " holds " << response.matching_devices()
            << " devices from " << TimeCell(response.freeze().from()) << " until "
            << TimeCell(response.freeze().until())
            << (options.selector.empty() ? ", and every rollout\n" : "\n");
  return kExitOk;
}

StatusOr<int> ListFreezes(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListFreezesResponse response,
      (Call<PolicyService>(cli, &PolicyService::Stub::ListFreezes, v1::ListFreezesRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"FREEZE", "STATE", "FROM", "UNTIL", "DEVICES", "BY", "REASON"});
  for (const v1::Freeze& freeze : response.freezes()) {
    table.Add({freeze.name(), FreezeState(freeze, OsClock().Now()), TimeCell(freeze.from()),
               TimeCell(freeze.until()), freeze.selector().empty() ? "all" : freeze.selector(),
               freeze.created_by(), freeze.reason()});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> DeleteFreeze(Cli& cli, const FreezeOptions& options) {
  v1::DeleteFreezeRequest request;
  request.set_name(options.name);
  request.set_comment(options.reason);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<PolicyService>(cli, &PolicyService::Stub::DeleteFreeze, request).status()));
  cli.out() << "freeze " << options.name << " is deleted; what it held goes on\n";
  return kExitOk;
}

struct PinOptions {
  std::string device;
  std::string line;
  std::string version;
  std::string reason;
};

StatusOr<int> Pin(Cli& cli, const PinOptions& options) {
  v1::PinDeviceRequest request;
  request.set_device_id(options.device);
  request.set_line(options.line);
  request.set_version(options.version);
  request.set_reason(options.reason);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::PinDeviceResponse response,
                            (Call<PolicyService>(cli, &PolicyService::Stub::PinDevice, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  cli.out() << "device " << options.device << " keeps " << options.line << " "
            << response.pin().release().version() << ", whatever rollouts say\n";
  return kExitOk;
}

StatusOr<int> Unpin(Cli& cli, const PinOptions& options) {
  v1::UnpinDeviceRequest request;
  request.set_device_id(options.device);
  request.set_line(options.line);
  request.set_comment(options.reason);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<PolicyService>(cli, &PolicyService::Stub::UnpinDevice, request).status()));
  cli.out() << "device " << options.device << " runs what rollouts bring to line " << options.line
            << " again\n";
  return kExitOk;
}

StatusOr<int> ListPins(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ListPinsResponse response,
      (Call<PolicyService>(cli, &PolicyService::Stub::ListPins, v1::ListPinsRequest())));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  Table table({"DEVICE", "LINE", "RELEASE", "BY", "SINCE", "REASON"});
  for (const v1::Pin& pin : response.pins()) {
    table.Add({pin.device_id(), pin.release().line(), pin.release().version(), pin.created_by(),
               TimeCell(pin.created_at()), pin.reason()});
  }
  table.Print(cli.out());
  return kExitOk;
}

void AddFreezes(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "freeze", "Times in which no rollout changes anything");
  const auto made = std::make_shared<FreezeOptions>();
  CLI::App& create = cli.AddCommand(
      group, "create", "Hold what rollouts bring to devices, from one moment until another",
      "fleetctl freeze create holidays --from 2026-12-20T00:00:00Z --until 2027-01-07T00:00:00Z "
      "--reason 'nobody is there'\n  fleetctl freeze create audit --until 8h -l site=vienna",
      [made](Cli& run) { return CreateFreeze(run, *made); });
  create.add_option("name", made->name, "Name of the freeze, never used again")->required();
  create.add_option("--from", made->from, "When it begins, or in how long; now unless stated");
  create.add_option("--until", made->until, "When it ends, or in how long")->required();
  create.add_option("-l,--selector", made->selector, "Only devices whose labels match");
  create.add_option("--reason", made->reason, "Why; shown wherever it holds something");
  cli.AddCommand(group, "list", "Show the freezes by their begin", "fleetctl freeze list",
                 &ListFreezes);
  const auto gone = std::make_shared<FreezeOptions>();
  CLI::App& remove = cli.AddCommand(group, "delete", "End a freeze; what it held goes on by itself",
                                    "fleetctl freeze delete holidays --comment 'all are back'",
                                    [gone](Cli& run) { return DeleteFreeze(run, *gone); });
  remove.add_option("name", gone->name, "Name of the freeze")->required();
  remove.add_option("--comment", gone->reason, "Why; kept in the audit log");
}

void AddPins(Cli& cli) {
  CLI::App& group = *cli.app().get_subcommand("device");
  const auto pinned = std::make_shared<PinOptions>();
  CLI::App& pin = cli.AddCommand(
      group, "pin", "Keep one release on a device, whatever rollouts say",
      "fleetctl device pin pump-07 --line pump-assistant --release 1.4.2 --reason 'reference'",
      [pinned](Cli& run) { return Pin(run, *pinned); });
  pin.add_option("device", pinned->device, "Id of the device")->required();
  pin.add_option("--line", pinned->line, "Model line")->required();
  pin.add_option("--release", pinned->version, "Version that it keeps")->required();
  pin.add_option("--reason", pinned->reason, "Why; shown by device why");
  const auto freed = std::make_shared<PinOptions>();
  CLI::App& unpin = cli.AddCommand(group, "unpin", "Let rollouts bring releases to a device again",
                                   "fleetctl device unpin pump-07 --line pump-assistant",
                                   [freed](Cli& run) { return Unpin(run, *freed); });
  unpin.add_option("device", freed->device, "Id of the device")->required();
  unpin.add_option("--line", freed->line, "Model line")->required();
  unpin.add_option("--comment", freed->reason, "Why; kept in the audit log");
  cli.AddCommand(group, "pins", "Show which devices are pinned to what", "fleetctl device pins",
                 &ListPins);
}

}  // namespace

void AddPolicyCommands(Cli& cli) {
  AddFreezes(cli);
  AddPins(cli);
}

}  // namespace flotilla::fleetctl
