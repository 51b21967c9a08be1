#include "telemetry/aggregator/app/commands.h"

#include <iomanip>
#include <istream>
#include <iterator>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/bytes.h"
#include "base/file.h"
#include "telemetry/aggregator/device_registry.h"
#include "telemetry/aggregator/setup.h"

namespace flotilla::telemetry {
namespace {

constexpr std::uint64_t kMaxKeyFileBytes = std::uint64_t{64} << 20U;
constexpr int kWordWidth = 10;
constexpr int kWhatWidth = 20;
constexpr std::size_t kShownIdDigits = 16;

Status Init(const AggregatorOptions& options, const CommandWorld& world) {
  FLOTILLA_ASSIGN_OR_RETURN(const SetupReport report,
                            SetUp(options, world.fs, world.random, world.clock.Now()));
  for (const SetupStep& step : report.steps) {
    world.out << std::left << std::setw(kWordWidth) << (step.made ? "made" : "there")
              << std::setw(kWhatWidth) << step.what << step.path.string() << "\n";
  }
  world.out << std::setw(kWordWidth) << "identity" << std::setw(kWhatWidth) << "SHA-256"
            << report.identity.ToHex() << "\n";
  return OkStatus();
}

Status Identity(const AggregatorOptions& options, const CommandWorld& world) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto identity, LoadIdentityKey(options.layout));
  world.out << identity->public_key().ToPem();
  return OkStatus();
}

Status Leader(const CommandLine& line, const AggregatorOptions& options,
              const CommandWorld& world) {
  FLOTILLA_RETURN_IF_ERROR(
      IssueLeader(options.layout, line.out_folder, world.fs, world.clock.Now()));
  world.out << "wrote helper-ca.crt, leader.crt and leader.key to " << line.out_folder
            << "\nfor controller.yaml of who runs the controller:\n  health_helper:\n    address: "
            << options.Endpoint(options.listen_port)
            << "\n    credentials_dir: FOLDER\n    operated_by: WHO YOU ARE\n    independent: "
               "true  # only if no organisation runs both\n";
  return OkStatus();
}

StatusOr<std::vector<DeviceKey>> ReadKeys(const std::string& file, const std::string& label,
                                          std::istream& in) {
  if (file == "-") {
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return ParseDeviceKeys(text, label);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxKeyFileBytes));
  const std::string stem = std::filesystem::path(file).stem().string();
  auto keys = ParseDeviceKeys(AsText(bytes), label.empty() ? stem : label);
  return keys.ok() ? keys : Annotate(keys.status(), file);
}

void SayHowMany(const std::vector<DeviceKey>& devices, const AggregatorOptions& options,
                std::ostream& out) {
  std::set<dap::KeyId> distinct;
  for (const DeviceKey& device : devices) distinct.insert(device.Id());
  out << distinct.size() << (distinct.size() == 1 ? " device is" : " devices are")
      << " registered\n";
  if (distinct.size() < options.minimum_batch) {
    out << "nothing is ever summed up for fewer than " << options.minimum_batch << "\n";
  }
}

Status AddDevices(const CommandLine& line, const AggregatorOptions& options,
                  const CommandWorld& world) {
  std::vector<DeviceKey> devices;
  for (const std::string& file : line.key_files) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<DeviceKey> keys,
                              ReadKeys(file, line.label, world.in));
    devices.insert(devices.end(), keys.begin(), keys.end());
  }
  DeviceListEditor list(options.devices_file, world.fs);
  FLOTILLA_ASSIGN_OR_RETURN(const std::size_t added, list.Add(devices));
  world.out << "added " << added << ", there before " << devices.size() - added << "\n";
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<DeviceKey> all, list.List());
  SayHowMany(all, options, world.out);
  return OkStatus();
}

Status ListDevices(const AggregatorOptions& options, const CommandWorld& world) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<DeviceKey> devices,
                            DeviceListEditor(options.devices_file, world.fs).List());
  for (const DeviceKey& device : devices) {
    world.out << device.Id().ToHex().substr(0, kShownIdDigits) << "  " << device.label << "\n";
  }
  SayHowMany(devices, options, world.out);
  return OkStatus();
}

Status RemoveDevice(const CommandLine& line, const AggregatorOptions& options,
                    const CommandWorld& world) {
  DeviceListEditor list(options.devices_file, world.fs);
  FLOTILLA_ASSIGN_OR_RETURN(const DeviceKey device, list.Remove(line.device));
  world.out << "removed " << device.Id().ToHex().substr(0, kShownIdDigits) << "  " << device.label
            << "\n";
  return OkStatus();
}

}  // namespace

Status RunCommand(const CommandLine& line, const AggregatorOptions& options,
                  const CommandWorld& world) {
  switch (line.action) {
    case Action::kInit:
      return Init(options, world);
    case Action::kIdentity:
      return Identity(options, world);
    case Action::kLeader:
      return Leader(line, options, world);
    case Action::kDeviceAdd:
      return AddDevices(line, options, world);
    case Action::kDeviceList:
      return ListDevices(options, world);
    case Action::kDeviceRemove:
      return RemoveDevice(line, options, world);
    case Action::kUnspecified:
    case Action::kRun:
    case Action::kVersion:
      break;
  }
  return InvalidArgument("not one of these commands");
}

}  // namespace flotilla::telemetry
