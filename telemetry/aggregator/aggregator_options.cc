#include "telemetry/aggregator/aggregator_options.h"

#include <charconv>
#include <map>

#include "absl/strings/str_cat.h"
#include "flotilla/config/v1/aggregator.pb.h"

#include "base/config/yaml.h"
#include "base/config/yaml_file.h"
#include "telemetry/dap/task_configuration.h"

namespace flotilla::telemetry {
namespace {

using config::v1::AggregatorConfig;

constexpr int kMaxHostNames = 16;
constexpr std::uint32_t kMaxLifeDays = 90;

void SetDefault(std::string* field, const std::string& value) {
  if (field->empty()) *field = value;
}

void FillDefaults(AggregatorConfig& config) {
  SetDefault(config.mutable_state_dir(), "/var/lib/flotilla-aggregator");
  SetDefault(config.mutable_listen(), "0.0.0.0:7446");
  SetDefault(config.mutable_devices_file(), absl::StrCat(config.state_dir(), "/devices"));
  SetDefault(config.mutable_log_level(), "info");
  if (config.host_names().empty()) config.add_host_names("localhost");
  if (config.minimum_batch() == 0) config.set_minimum_batch(dap::kLeastBatchSize);
  if (config.hpke_life_days() == 0) config.set_hpke_life_days(30);
}

Status TakeListen(const std::string& text, AggregatorOptions& options) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return InvalidArgument(absl::StrCat("listen: '", text, "' is no address:port"));
  }
  options.listen_host = text.substr(0, colon);
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, options.listen_port);
  if (begin == end || parsed.ec != std::errc() || parsed.ptr != end) {
    return InvalidArgument(absl::StrCat("listen: '", text, "' has no port of 0 to 65535"));
  }
  if (options.listen_host.front() == '[' && options.listen_host.back() == ']') {
    options.listen_host = options.listen_host.substr(1, options.listen_host.size() - 2);
  }
  return OkStatus();
}

StatusOr<LogLevel> ParseLogLevel(const std::string& text) {
  const std::map<std::string, LogLevel> levels = {{"debug", LogLevel::kDebug},
                                                  {"info", LogLevel::kInfo},
                                                  {"warning", LogLevel::kWarning},
                                                  {"error", LogLevel::kError}};
  const auto found = levels.find(text);
  if (found == levels.end()) {
    return InvalidArgument(
        absl::StrCat("log_level: '", text, "' is none of debug, info, warning, error"));
  }
  return found->second;
}

Status CheckNumbers(const AggregatorConfig& config) {
  if (config.host_names_size() > kMaxHostNames) return InvalidArgument("host_names: at most 16");
  if (config.minimum_batch() < dap::kLeastBatchSize) {
    return InvalidArgument(
        absl::StrCat("minimum_batch: ", dap::kLeastBatchSize, " devices or more"));
  }
  if (config.hpke_life_days() > kMaxLifeDays) {
    return InvalidArgument(absl::StrCat("hpke_life_days: 1 to ", kMaxLifeDays));
  }
  return OkStatus();
}

}  // namespace

std::string HostPort(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

std::string AggregatorOptions::Endpoint(std::uint16_t port) const {
  return HostPort(host_names.front(), port);
}

StatusOr<AggregatorOptions> ReadAggregatorOptions(const std::filesystem::path& file) {
  AggregatorConfig config;
  FLOTILLA_RETURN_IF_ERROR(config::ReadYamlFile(
      file,
      "write it; two lines are enough for a start, 'state_dir: FOLDER' and 'host_names: [NAME]', "
      "then flotilla-aggregator init --config FILE",
      config));
  FillDefaults(config);
  FLOTILLA_RETURN_IF_ERROR(CheckNumbers(config));
  AggregatorOptions options;
  options.layout.state_dir = config.state_dir();
  FLOTILLA_RETURN_IF_ERROR(TakeListen(config.listen(), options));
  options.host_names.assign(config.host_names().begin(), config.host_names().end());
  options.devices_file = config.devices_file();
  options.minimum_batch = config.minimum_batch();
  options.demonstrations =
      config.allow_demo() ? Demonstrations::kAllowed : Demonstrations::kRefused;
  options.sealing_key_life = absl::Hours(24 * config.hpke_life_days());
  FLOTILLA_ASSIGN_OR_RETURN(options.log_level, ParseLogLevel(config.log_level()));
  options.effective_yaml = config::WriteYaml(config);
  return options;
}

}  // namespace flotilla::telemetry
