#include "agent/app/command_line.h"

#include <filesystem>
#include <map>
#include <system_error>

#include <CLI/CLI.hpp>

#include "agent/app/agent_config.h"
#include "base/log.h"

namespace flotilla::agent {

using Config = config::v1::AgentConfig;

void AddConfigOptions(CLI::App& command, CommandLine& line) {
  const auto text = [&](const char* name, void (Config::*set)(std::string &&), const char* what) {
    command.add_option_function<std::string>(
        name, [&line, set](const std::string& value) { (line.flags.*set)(std::string(value)); },
        what);
  };
  command.add_option("--config", line.config_file, "agent.yaml; flags override it");
  text("--state-dir", &Config::set_state_dir, "folder of everything the agent keeps");
  text("--trust-root", &Config::set_trust_root, "TUF root the device was shipped with");
  text("--enrolment-address", &Config::set_enrolment_address, "host:port");
  text("--device-address", &Config::set_device_address, "host:port");
  text("--proxy", &Config::set_proxy, "http://host:port between the device and the controller");
  text("--proxy-credentials-file", &Config::set_proxy_credentials_file,
       "file of mode 0600 with user:password for the proxy");
  text("--token-file", &Config::set_token_file, "file with the one-time token");
  text("--device-id", &Config::set_device_id, "wanted device id");
  text("--serial", &Config::set_serial, "serial number of the hardware");
  text("--hardware", &Config::set_hardware, "hardware class");
  text("--device-key", &Config::set_device_key, "file, tpm2 or tpm2:TCTI");
  text("--listen", &Config::set_listen, "local endpoint, address:port");
  text("--engine", &Config::set_engine_path, "path of flotilla-engine");
  text("--log-level", &Config::set_log_level, "debug, info, warning, error");
  command.add_option_function<std::map<std::string, std::string>>(
      "--label",
      [&line](const std::map<std::string, std::string>& labels) {
        line.flags.mutable_labels()->insert(labels.begin(), labels.end());
      },
      "name value");
}

void AddPrivacyViews(CLI::App& privacy, PrivacyView& view) {
  CLI::App* show = privacy.add_subcommand("show", "what would be sent, what was, what is left");
  show->add_flag_callback(
      "--bytes", [&view] { view = PrivacyView::kBytes; },
      "with the bytes of the sealed reports that wait");
  CLI::App* key = privacy.add_subcommand("key", "the line for flotilla-aggregator device add");
  CLI::App* ledger = privacy.add_subcommand("ledger", "every charge on the privacy budget");
  key->callback([&view] { view = PrivacyView::kKey; });
  ledger->callback([&view] { view = PrivacyView::kLedger; });
  for (CLI::App* command : {show, key, ledger}) {
    command->fallthrough();  // --config after it too
  }
  privacy.footer(
      "Example:\n  flotilla-agent privacy key --config /etc/flotilla/agent.yaml |"
      " flotilla-aggregator device add --config /etc/flotilla/aggregator.yaml -");
}

StatusOr<Config> Configure(const CommandLine& line) {
  Config config;
  if (!line.config_file.empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(config, ReadAgentConfig(line.config_file));
  }
  config.MergeFrom(line.flags);
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  FLOTILLA_RETURN_IF_ERROR(CompleteConfig(program.parent_path(), config));
  FLOTILLA_ASSIGN_OR_RETURN(const LogLevel level, LogLevelOf(config));
  StartLog("flotilla-agent", level, LogForm::kUnspecified);
  return config;
}

}  // namespace flotilla::agent
