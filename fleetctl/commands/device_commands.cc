#include "fleetctl/commands/device_commands.h"

#include <map>
#include <memory>
#include <ostream>
#include <string>

#include "base/bytes.h"
#include "controller/rollout/serving.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/channel.h"
#include "flotilla/v1/device.grpc.pb.h"

namespace flotilla::fleetctl {
namespace {

using v1::DeviceAdminService;

std::string RunsCell(const v1::Device& device) {
  std::string text;
  for (const v1::LineStatus& line : device.lines()) {
    text += (text.empty() ? "" : ", ") + line.line() + " " + line.current().version() +
            (line.trial() ? " (trial)" : "");
  }
  return text;
}

std::string VariantCell(const v1::Device& device) {
  std::string text;
  for (const v1::LineStatus& line : device.lines()) {
    text += (text.empty() ? "" : ", ") + line.line() + " " + line.variant();
  }
  return text;
}

std::string EngineCell(const v1::Device& device) {
  std::string text;
  for (const v1::LineCondition& line : device.condition().lines()) {
    text += (text.empty() ? "" : ", ") +
            ShortName(v1::EngineCondition_Name(line.engine()), "ENGINE_CONDITION_");
  }
  return text;
}

std::string ReportCell(const v1::Device& device) {
  if (!device.has_last_report()) {
    return {};
  }
  const v1::UpdateReport& report = device.last_report();
  std::string text = ShortName(v1::DeploymentState_Name(report.state()), "DEPLOYMENT_STATE_");
  if (report.reason() != v1::FAILURE_REASON_UNSPECIFIED) {
    text += " " + ReasonName(report.reason());
  }
  return text;
}

std::string LivenessCell(const v1::Device& device) {
  if (device.decommissioned()) {
    return device.decommission_done() ? "DECOMMISSIONED" : "DECOMMISSIONING";
  }
  if (device.clone_suspected()) {
    return "CLONED";
  }
  return device.revoked() ? "REVOKED"
                          : ShortName(v1::Liveness_Name(device.liveness()), "LIVENESS_");
}

// How fresh the trust is that the device judges releases by.
std::string TrustCell(const v1::Device& device) {
  const v1::Condition& condition = device.condition();
  std::string text = condition.metadata_stale() ? "STALE" : "";
  if (condition.has_metadata_issued_at()) {
    text += (condition.metadata_stale() ? ", frozen since " : "signed ") +
            TimeCell(condition.metadata_issued_at());
  }
  return text;
}

std::string ClockCell(const v1::Device& device) {
  const v1::Condition& condition = device.condition();
  std::string text = ShortName(v1::ClockCondition_Name(condition.clock()), "CLOCK_CONDITION_");
  if (condition.clock_cause() != v1::FAILURE_REASON_UNSPECIFIED) {
    text += " " + ReasonName(condition.clock_cause());
  }
  return text;
}

std::string ClonesCell(const v1::Device& device) {
  std::string text =
      "enrolled on machine " + HexEncode(AsBytes(device.machine_fingerprint())).substr(0, 12);
  for (const std::string& other : device.clone_fingerprints()) {
    text += ", also on " + HexEncode(AsBytes(other)).substr(0, 12);
  }
  return text;
}

struct ListOptions {
  std::string selector;
  bool not_serving = false;
};

// What stands where the engine's condition does: why a device answers with no model.
std::string WhyNotCell(const v1::Device& device) {
  const auto found = rollout::FindNotServing(device);
  if (!found.has_value()) {
    return EngineCell(device);
  }
  std::string text = rollout::NameOf(*found);
  if (found->cause != v1::FAILURE_REASON_UNSPECIFIED) {
    text += " " + ReasonName(found->cause);
  }
  return text;
}

StatusOr<int> List(Cli& cli, const ListOptions& options) {
  v1::ListDevicesRequest request;
  request.set_selector(options.selector);
  request.set_not_serving(options.not_serving);
  v1::ListDevicesResponse all;
  do {
    FLOTILLA_ASSIGN_OR_RETURN(
        const v1::ListDevicesResponse page,
        (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::ListDevices, request)));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), all);
    return kExitOk;
  }
  const bool wide = cli.form() == OutputForm::kWide;
  Table table(wide ? std::vector<std::string>{"DEVICE", "LINK", "ENGINE", "RUNS", "LAST REPORT",
                                              "AGENT", "ARCH", "HARDWARE", "LABELS",
                                              "CERTIFICATE UNTIL", "TRUST", "CLOCK"}
                   : std::vector<std::string>{"DEVICE", "LINK", "ENGINE", "RUNS", "LAST REPORT"});
  for (const v1::Device& device : all.devices()) {
    table.Add({device.id(), LivenessCell(device),
               options.not_serving ? WhyNotCell(device) : EngineCell(device), RunsCell(device),
               ReportCell(device)});
    if (wide) {
      table.Extend({device.agent_version(), device.facts().arch(), device.facts().hardware(),
                    LabelsCell({device.labels().begin(), device.labels().end()}),
                    TimeCell(device.certificate_expires_at()), TrustCell(device),
                    ClockCell(device)});
    }
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Get(Cli& cli, const std::string& id) {
  v1::GetDeviceRequest request;
  request.set_device_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetDeviceResponse response,
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::GetDevice, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  const v1::Device& device = response.device();
  Table table({"FIELD", "VALUE"});
  table.Add({"device", device.id()});
  table.Add({"link", LivenessCell(device)});
  table.Add({"runs", RunsCell(device)});
  table.Add({"variant", VariantCell(device)});
  table.Add({"engine", EngineCell(device)});
  table.Add({"last report", ReportCell(device)});
  table.Add({"agent", device.agent_version()});
  table.Add({"engine version", device.engine_version()});
  table.Add({"hardware", device.facts().arch() + " " + device.facts().hardware()});
  table.Add({"serial number", device.serial()});
  table.Add({"memory", BytesCell(device.facts().memory_bytes())});
  table.Add({"disk free", BytesCell(device.facts().disk_free_bytes())});
  table.Add({"labels", LabelsCell({device.labels().begin(), device.labels().end()})});
  table.Add({"generation", std::to_string(device.observed_generation()) + " of " +
                               std::to_string(device.desired_generation())});
  table.Add({"last seen", TimeCell(device.last_seen_at())});
  table.Add({"enrolled", TimeCell(device.enrolled_at())});
  table.Add({"certificate",
             device.certificate_serial() + " until " + TimeCell(device.certificate_expires_at())});
  table.Add({"trust", TrustCell(device)});
  table.Add({"publisher's word ends", TimeCell(device.condition().publisher_expires_at())});
  table.Add({"clock", ClockCell(device)});
  if (device.clone_suspected()) {
    table.Add({"clones", ClonesCell(device)});
  }
  table.Print(cli.out());
  return kExitOk;
}

StatusOr<int> Why(Cli& cli, const std::string& id) {
  v1::ExplainDeviceRequest request;
  request.set_device_id(id);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::ExplainDeviceResponse response,
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::ExplainDevice, request)));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
    return kExitOk;
  }
  cli.out() << id << ": " << RunsCell(response.device()) << "\n";
  for (const std::string& line : response.lines()) {
    cli.out() << "  " << line << "\n";
  }
  return kExitOk;
}

struct RevokeOptions {
  std::string id;
  std::string serial;
  std::string comment;
};

StatusOr<int> RevokeCertificate(Cli& cli, const RevokeOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm("The certificate " + options.serial + " will stop working at once."));
  v1::RevokeCertificateRequest request;
  request.set_serial(options.serial);
  request.set_comment(options.comment);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::RevokeCertificate, request)
           .status()));
  cli.out() << "certificate " << options.serial << " is revoked\n";
  return kExitOk;
}

struct DecommissionOptions {
  std::string id;
  std::string comment;
  bool wipe_models = false;
};

StatusOr<int> Decommission(Cli& cli, const DecommissionOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(cli.Confirm("Device " + options.id + " will wipe its keys" +
                                       (options.wipe_models ? " and models" : "") +
                                       " and leave the fleet, now or when it connects."));
  v1::DecommissionDeviceRequest request;
  request.set_device_id(options.id);
  request.set_wipe_models(options.wipe_models);
  request.set_comment(options.comment);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::DecommissionDevice, request)
           .status()));
  cli.out() << "device " << options.id << " is told to leave; fleetctl device get " << options.id
            << " says when its keys are wiped\n";
  return kExitOk;
}

StatusOr<int> Revoke(Cli& cli, const RevokeOptions& options) {
  if (options.id.empty() == options.serial.empty()) {
    return InvalidArgument("name a device, or a certificate by --serial");
  }
  if (!options.serial.empty()) {
    return RevokeCertificate(cli, options);
  }
  const std::string& id = options.id;
  FLOTILLA_RETURN_IF_ERROR(
      cli.Confirm("Device " + id + " will be shut out at once and has to enrol again."));
  v1::RevokeDeviceRequest request;
  request.set_device_id(id);
  request.set_comment(options.comment);
  FLOTILLA_RETURN_IF_ERROR(
      (Call<DeviceAdminService>(cli, &DeviceAdminService::Stub::RevokeDevice, request).status()));
  cli.out() << "device " << id << " is revoked\n";
  return kExitOk;
}

// A command below "device" that takes one device id.
void AddForDevice(Cli& cli, CLI::App& group, const std::string& name, const std::string& what,
                  StatusOr<int> (*run)(Cli&, const std::string&)) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = cli.AddCommand(group, name, what, "fleetctl device " + name + " pump-07",
                                     [id, run](Cli& used) { return run(used, *id); });
  command.add_option("device", *id, "Id of the device")->required();
}

}  // namespace

void AddDeviceCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "device", "The devices of the fleet");
  const auto listed = std::make_shared<ListOptions>();
  CLI::App& list = cli.AddCommand(group, "list", "Show the devices",
                                  "fleetctl device list -l 'ring=lab,arch in (arm64)'\n"
                                  "  fleetctl device list --not-serving",
                                  [listed](Cli& run) { return List(run, *listed); });
  list.add_option("-l,--selector", listed->selector, "Only devices whose labels match");
  list.add_flag("--not-serving", listed->not_serving,
                "Only devices that answer nothing, or a static answer, and why");
  AddForDevice(cli, group, "get", "Show one device", &Get);
  AddForDevice(cli, group, "why", "Say why a device runs what it runs", &Why);

  const auto left = std::make_shared<DecommissionOptions>();
  CLI::App& decommission =
      cli.AddCommand(group, "decommission", "Let a device wipe its keys and leave the fleet",
                     "fleetctl device decommission pump-07 --wipe-models --comment sold --yes",
                     [left](Cli& run) { return Decommission(run, *left); });
  decommission.add_option("device", left->id, "Id of the device")->required();
  decommission.add_flag("--wipe-models", left->wipe_models, "Its models go too");
  decommission.add_option("--comment", left->comment, "Why; kept in the audit log");

  const auto options = std::make_shared<RevokeOptions>();
  CLI::App& revoke =
      cli.AddCommand(group, "revoke", "Shut a device, or one certificate, out for good",
                     "fleetctl device revoke pump-07 --comment stolen --yes",
                     [options](Cli& run) { return Revoke(run, *options); });
  revoke.add_option("device", options->id, "Id of the device");
  revoke.add_option("--serial", options->serial,
                    "Serial of a certificate instead, as device get shows it");
  revoke.add_option("--comment", options->comment, "Why; kept in the audit log");
}

}  // namespace flotilla::fleetctl
