#include "agent/app/agent_config.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "agent/enrol/identity.h"
#include "agent/health/owners_rules.h"
#include "base/config/yaml_file.h"
#include "base/strong_id.h"

namespace flotilla::agent {
namespace {

constexpr int kMaxLabels = 32;
constexpr std::size_t kMaxSerialText = 64;
constexpr const char* kSessionEveryLabel = "session-every";  // the controller reads it
constexpr std::int64_t kLeastEverySeconds = 60;
constexpr std::int64_t kMostEverySeconds = 86'400;
constexpr std::int64_t kMostOpenSeconds = 300;

Status CheckIds(const config::v1::AgentConfig& config) {
  if (!config.device_id().empty()) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(config.device_id(), "device_id"));
  }
  if (!config.hardware().empty()) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(config.hardware(), "hardware"));
  }
  if (config.serial().size() > kMaxSerialText) {
    return InvalidArgument("serial: more than 64 characters");
  }
  if (config.labels_size() > kMaxLabels) {
    return InvalidArgument("labels: more than 32");
  }
  for (const auto& [name, value] : config.labels()) {
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(name, "label"));
    FLOTILLA_RETURN_IF_ERROR(CheckIdText(value, "value of label " + name));
  }
  return OkStatus();
}

// Tells the controller too, by a label, so that it does not take the pauses for silence.
Status CompleteSession(config::v1::AgentConfig& config) {
  const config::v1::SessionHabits& habits = config.session();
  const std::int64_t open = habits.open_for().seconds();
  if (habits.has_open_for() && (open < 1 || open > kMostOpenSeconds)) {
    return InvalidArgument("session.open_for: 1s to 5m");
  }
  if (!habits.has_every()) {
    return OkStatus();
  }
  const std::int64_t every = habits.every().seconds();
  if (every < kLeastEverySeconds || every > kMostEverySeconds || habits.every().nanos() != 0) {
    return InvalidArgument("session.every: 1m to 24h, in whole seconds");
  }
  (*config.mutable_labels())[kSessionEveryLabel] = std::to_string(every);
  return OkStatus();
}

}  // namespace

StatusOr<config::v1::AgentConfig> ReadAgentConfig(const std::filesystem::path& path) {
  config::v1::AgentConfig config;
  FLOTILLA_RETURN_IF_ERROR(config::ReadYamlFile(path,
                                                "write it with enrolment_address, device_address, "
                                                "token_file and trust_root, or give these as "
                                                "flags (flotilla-agent run --help)",
                                                config));
  return config;
}

Status CompleteConfig(const std::filesystem::path& program_dir, config::v1::AgentConfig& config) {
  if (config.state_dir().empty()) {
    config.set_state_dir("/var/lib/flotilla-agent");
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(config.state_dir(), error);
  if (error) {
    return InvalidArgument("state_dir: " + error.message());
  }
  config.set_state_dir(absolute.lexically_normal().string());
  if (config.listen().empty()) {
    config.set_listen("127.0.0.1:8080");
  }
  if (config.engine_path().empty()) {
    config.set_engine_path((program_dir / "flotilla-engine").string());
  }
  if (config.serial().empty()) {
    config.set_serial(HardwareSerial());
  }
  if (config.log_level().empty()) {
    config.set_log_level("info");
  }
  FLOTILLA_RETURN_IF_ERROR(CompleteSession(config));
  FLOTILLA_RETURN_IF_ERROR(LogLevelOf(config).status());
  FLOTILLA_RETURN_IF_ERROR(OwnersRulesOf(config.health()).status());
  return CheckIds(config);
}

StatusOr<LogLevel> LogLevelOf(const config::v1::AgentConfig& config) {
  const std::string& name = config.log_level();
  if (name == "debug") {
    return LogLevel::kDebug;
  }
  if (name.empty() || name == "info") {
    return LogLevel::kInfo;
  }
  if (name == "warning") {
    return LogLevel::kWarning;
  }
  if (name == "error") {
    return LogLevel::kError;
  }
  return InvalidArgument("log_level: '" + name + "' is not debug, info, warning or error");
}

}  // namespace flotilla::agent
