#include "tests/e2e/support/site.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace flotilla::e2e {
namespace {

namespace json = boost::json;

void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// The text at a JSON pointer; empty when there is none.
std::string TextAt(const json::value& value, const std::string& pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

// The elements of the array at a JSON pointer; none when there is no array.
json::array ArrayAt(const json::value& value, const std::string& pointer) {
  boost::system::error_code error;
  const json::value* found = value.find_pointer(pointer, error);
  return found == nullptr || !found->is_array() ? json::array() : found->as_array();
}

std::string WithoutPrefix(const std::string& text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

std::string Tail(const std::string& text) {
  constexpr std::size_t kBytes = 3000;
  return text.size() > kBytes ? text.substr(text.size() - kBytes) : text;
}

std::string WaveText(const WaveSize& wave) {
  const std::string size =
      wave.count == 0 ? "percent: 100" : "count: " + std::to_string(wave.count);
  return "    - {name: " + wave.name + ", " + size +
         ", gate: auto, soak: " + DurationText(wave.soak) + "}\n";
}

}  // namespace

std::string Program(const std::string& name) {
  return std::string(FLOTILLA_BIN_DIR "/") + name;
}

std::filesystem::path Demo(const std::string& file) {
  return std::filesystem::path(FLOTILLA_DEMO_DIR) / file;
}

Site::Site(const SiteOptions& options) : options_(options) {
  std::filesystem::create_directories(folder() / "keys");
  std::filesystem::create_directories(folder() / "trust");
}

Site::~Site() = default;

std::string Site::Own(const std::string& program) const {
  return options_.programs.empty() ? Program(program) : (options_.programs / program).string();
}

void Site::WriteControllerConfig() const {
  std::string text = "state_dir: " + state_dir().string() + "\nhost_names: [" +
                     options_.host_names + "localhost, 127.0.0.1]\n";
  for (const char* name : {"enrolment", "device", "artifact", "operator", "dashboard"}) {
    text += std::string(name) + "_listen: 127.0.0.1:0\n";  // a restart takes the same ports
  }
  text += "heartbeat_interval: " + DurationText(options_.heartbeat) + "\n";
  text += "timestamp_life: " + DurationText(options_.timestamp_life) + "\n";
  text += "enrolments_per_second: 1000\n" + options_.more_config;
  WriteText(folder() / "controller.yaml", text);
}

Status Site::Start() {
  WriteControllerConfig();
  std::vector<std::string> names = {"models"};
  names.insert(names.end(), options_.root_keys.begin(), options_.root_keys.end());
  names.insert(names.end(), options_.targets_keys.begin(), options_.targets_keys.end());
  for (const std::string& name : names) {
    FLOTILLA_RETURN_IF_ERROR(Run({"key", "new", "--out", Key(name).string()}));
  }
  const CommandResult made = RunCommand(
      {Own("flotilla-controller"), "init", "--config", (folder() / "controller.yaml").string()},
      {});
  if (made.exit_code != 0) {
    return Internal("flotilla-controller init: " + made.out + made.err);
  }
  FLOTILLA_RETURN_IF_ERROR(StartController());
  FLOTILLA_RETURN_IF_ERROR(
      Run({"context", "set", "test", "--from", (state_dir() / "operator").string(), "--operator",
           Loopback("operator"), "--dashboard", Loopback("dashboard")}));
  return PublishTrust();
}

bool Site::Answers() const {
  // Before the first start there is no context yet, and Start goes on at once.
  return !std::filesystem::exists(folder() / "contexts.yaml") || Run({"device", "list"}).ok();
}

Status Site::PublishTrust() const {
  const std::string stage = (folder() / "trust/stage").string();
  const auto online = state_dir() / "online-keys";
  const auto public_keys = [this](const std::vector<std::string>& names) {
    std::string files;
    for (const std::string& name : names) {
      files += (files.empty() ? "" : ",") + (folder() / "keys" / (name + ".pub")).string();
    }
    return files;
  };
  FLOTILLA_RETURN_IF_ERROR(
      Run({"root", "init", "--keys", public_keys(options_.root_keys), "--threshold",
           std::to_string(options_.root_threshold), "--targets-keys",
           public_keys(options_.targets_keys), "--targets-threshold",
           std::to_string(options_.targets_threshold), "--snapshot-keys",
           (online / "snapshot.pub").string(), "--timestamp-keys",
           (online / "timestamp.pub").string(), "--expires", "365d", "--out", stage}));
  Command sign = {"root", "sign", stage, "--yes"};
  Command delegate = {
      "delegate", "add", std::string("models-") + kLine, "--keys", public_keys({"models"}),
      "--yes"};
  for (int i = 0; i < options_.root_threshold; ++i) {
    const std::string& name = options_.root_keys.at(static_cast<std::size_t>(i));
    sign.insert(sign.end(), {"--key", Key(name).string()});
  }
  for (int i = 0; i < options_.targets_threshold; ++i) {
    const std::string& name = options_.targets_keys.at(static_cast<std::size_t>(i));
    sign.insert(sign.end(), {"--key", Key(name).string()});
    delegate.insert(delegate.end(), {"--key", Key(name).string()});
  }
  FLOTILLA_RETURN_IF_ERROR(Run(sign));
  FLOTILLA_RETURN_IF_ERROR(Run({"root", "publish", stage, "--yes"}));
  return Run(delegate);
}

Status Site::StartController(const std::string& program, const Environment& environment) {
  FLOTILLA_ASSIGN_OR_RETURN(
      controller_, Process::Start({program.empty() ? Own("flotilla-controller") : program, "run",
                                   "--config", (folder() / "controller.yaml").string()},
                                  folder() / "controller.log", environment));
  const bool up = WaitUntil(
      absl::Seconds(30), [&] { return !controller_->Running() || !Listener("operator").empty(); });
  return up && controller_->Running() && WaitUntil(absl::Seconds(30), [&] { return Answers(); })
             ? OkStatus()
             : Unavailable("the controller did not start:\n" + Logs());
}

CommandResult Site::Fleetctl(const Command& words) const {
  Command command = {Own("fleetctl")};
  command.insert(command.end(), words.begin(), words.end());
  return RunCommand(command, {"FLOTILLA_CONTEXT_FILE=" + (folder() / "contexts.yaml").string()});
}

Status Site::Run(const Command& words) const {
  const CommandResult result = Fleetctl(words);
  std::string text = "fleetctl";
  for (const std::string& word : words) {
    text += " " + word;
  }
  return result.exit_code == 0 ? OkStatus()
                               : Internal(text + ": exit " + std::to_string(result.exit_code) +
                                          ": " + result.out + result.err);
}

StatusOr<json::value> Site::Json(Command words) const {
  words.insert(words.end(), {"-o", "json"});
  const CommandResult result = Fleetctl(words);
  boost::system::error_code error;
  json::value value = json::parse(result.out, error);
  if (result.exit_code != 0 || error) {
    return Internal("fleetctl " + words.front() + ": exit " + std::to_string(result.exit_code) +
                    ": " + result.out + result.err);
  }
  return value;
}

StatusOr<std::string> Site::CreateToken(const Command& options) const {
  Command words = {"enroll", "token", "create"};
  words.insert(words.end(), options.begin(), options.end());
  FLOTILLA_ASSIGN_OR_RETURN(const json::value answer, Json(words));
  return TextAt(answer, "/text");
}

StatusOr<Device*> Site::AddDevice(const std::string& name) {
  auto device = std::make_unique<Device>(name, folder() / "devices" / name);
  FLOTILLA_ASSIGN_OR_RETURN(const std::string token, CreateToken({"--uses", "1"}));
  WriteAgentConfig(*device, token);
  Device* const added = device.get();
  devices_[name] = std::move(device);
  return added;
}

Device* Site::AddBareDevice(const std::string& name, const std::string& folder_name) {
  auto& device = devices_[name];
  device = std::make_unique<Device>(
      name, folder() / "devices" / (folder_name.empty() ? name : folder_name));
  return device.get();
}

void Site::WriteAgentConfig(const Device& device, const std::string& token,
                            const std::string& more) const {
  const auto token_file = device.config_file().parent_path() / "token";
  // Each device has its own copy, as its package would bring it.
  const auto trust_root = device.config_file().parent_path() / "1.root.json";
  std::filesystem::copy_file(metadata_dir() / "1.root.json", trust_root,
                             std::filesystem::copy_options::overwrite_existing);
  if (!token.empty()) {
    WriteText(token_file, token + "\n");
  }
  WriteText(device.config_file(),
            "state_dir: " + device.state_dir().string() + "\ntrust_root: " + trust_root.string() +
                "\nenrolment_address: " + Listener("enrolment") +
                "\ndevice_address: " + Listener("device") + "\ntoken_file: " + token_file.string() +
                "\ndevice_id: " + device.name() +
                "\nhardware: test-box\nlisten: 127.0.0.1:0\nreconnect_cap: 1s\n" + more);
}

Status Site::Push(const std::string& version, const std::string& model, int floor_percent,
                  const std::string& key) const {
  return Run({"release", "push", "--line", kLine, "--version", version, "--key", Key(key).string(),
              "--golden", Demo("golden.jsonl").string(), "--floor", std::to_string(floor_percent),
              Demo(model).string()});
}

Status Site::RollOut(const std::string& version, const std::vector<WaveSize>& waves) const {
  const std::string name = std::string(kLine) + "-" + version;
  std::string text = "apiVersion: flotilla/v1\nkind: Rollout\nmetadata: {name: " + name +
                     "}\nspec:\n  release: {model: " + kLine + ", version: " + version +
                     "}\n  strategy:\n    waves:\n";
  for (const WaveSize& wave : waves) {
    text += WaveText(wave);
  }
  text += "    trial_duration: 1s\n  on_abort: {rollback: auto}\n" + options_.more_rollout;
  const auto file = folder() / (name + ".yaml");
  WriteText(file, text);
  FLOTILLA_RETURN_IF_ERROR(Run({"rollout", "create", "-f", file.string()}));
  return Run({"rollout", "start", name, "--yes"});
}

std::string Site::RolloutState(const std::string& version) const {
  const auto answer = Json({"rollout", "get", std::string(kLine) + "-" + version});
  return answer.ok() ? WithoutPrefix(TextAt(*answer, "/rollout/state"), "ROLLOUT_STATE_")
                     : MessageOf(answer.status());
}

std::string Site::WaveCounts(const std::string& version) const {
  const auto answer = Json({"rollout", "get", std::string(kLine) + "-" + version});
  std::string text;
  for (const json::value& wave : answer.ok() ? ArrayAt(*answer, "/rollout/waves") : json::array()) {
    boost::system::error_code error;
    const json::value* counts = wave.find_pointer("/counts", error);
    text += (text.empty() ? "" : " ") + (counts == nullptr ? "{}" : json::serialize(*counts));
  }
  return text;
}

std::string Site::DeploymentState(const std::string& version, const std::string& device) const {
  const auto answer = Json({"rollout", "devices", std::string(kLine) + "-" + version});
  for (const json::value& member : answer.ok() ? ArrayAt(*answer, "/devices") : json::array()) {
    if (TextAt(member, "/device_id") == device) {
      return WithoutPrefix(TextAt(member, "/state"), "DEPLOYMENT_STATE_");
    }
  }
  return {};
}

std::string Site::Runs(const std::string& device) const {
  const auto answer = Json({"device", "get", device});
  for (const json::value& line : answer.ok() ? ArrayAt(*answer, "/device/lines") : json::array()) {
    boost::system::error_code error;
    const json::value* trial = line.find_pointer("/trial", error);
    const bool on_trial = trial != nullptr && trial->is_bool() && trial->as_bool();
    if (TextAt(line, "/line") == kLine && !on_trial) {
      return TextAt(line, "/current/version");
    }
  }
  return {};
}

std::string Site::Why(const std::string& device) const {
  return Fleetctl({"device", "why", device}).out;
}

std::string Site::Listener(const std::string& name) const {
  boost::system::error_code error;
  const json::value listeners = json::parse(FileText(state_dir() / "listeners.json"), error);
  return error ? std::string() : TextAt(listeners, "/" + name);
}

std::string Site::Loopback(const std::string& name) const {
  const std::string address = Listener(name);
  const std::size_t colon = address.rfind(':');
  return colon == std::string::npos ? address : "127.0.0.1" + address.substr(colon);
}

std::string Site::Logs() const {
  std::string text = "--- controller\n" + Tail(FileText(folder() / "controller.log"));
  for (const auto& [name, device] : devices_) {
    text += "--- " + name + "\n" + Tail(device->Log());
  }
  return text;
}

}  // namespace flotilla::e2e
