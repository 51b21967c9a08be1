#include "controller/app/app_options.h"

#include <charconv>
#include <cstddef>
#include <sstream>
#include <utility>

#include "flotilla/config/v1/controller.pb.h"

#include "base/bytes.h"
#include "base/config/yaml.h"
#include "base/config/yaml_file.h"
#include "base/file.h"
#include "base/strong_id.h"
#include "controller/storage/open_fleet_store.h"

namespace flotilla::controller {
namespace {

constexpr int kMaxHostNames = 16;
constexpr std::uint64_t kMaxListBytes = 1U << 20U;  // of CAs or serial numbers
constexpr std::uint64_t kMaxArtifactBytes = std::uint64_t{1} << 40U;
constexpr std::int64_t kHeartbeatSeconds = 60;
constexpr std::int64_t kDaySeconds = 86400;
constexpr std::uint32_t kMaxApprovals = 4;
constexpr std::int64_t kReportDays = 90;
constexpr std::uint32_t kEnrolmentsPerSecond = 10;
constexpr Duration kMostDrain = absl::Hours(1);
constexpr std::uint32_t kLeastHandshakes = 10;
constexpr std::uint32_t kMostHandshakes = 100'000;
constexpr std::uint32_t kFanOutPerSecond = 2000;
constexpr std::uint32_t kMostFanOut = 1'000'000;

Status Named(const char* field, const std::string& text) {
  return InvalidArgument(std::string(field) + ": " + text);
}

StatusOr<ListenAddress> ParseListen(const std::string& text, const char* field) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return Named(field, "'" + text + "' is no address:port");
  }
  ListenAddress address;
  address.host = text.substr(0, colon);
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, address.port);
  if (begin == end || parsed.ec != std::errc() || parsed.ptr != end) {
    return Named(field, "'" + text + "' has no port of 0 to 65535");
  }
  if (address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  return address;
}

void SetDefault(google::protobuf::Duration* field, bool present, std::int64_t seconds) {
  if (!present) {
    field->set_seconds(seconds);
  }
}

void SetDefault(std::string* field, const char* value) {
  if (field->empty()) {
    *field = value;
  }
}

void FillDefaults(config::v1::ControllerConfig& config) {
  SetDefault(config.mutable_state_dir(), "/var/lib/flotilla-controller");
  SetDefault(config.mutable_enrolment_listen(), "0.0.0.0:7441");
  SetDefault(config.mutable_device_listen(), "0.0.0.0:7442");
  SetDefault(config.mutable_artifact_listen(), "0.0.0.0:7443");
  SetDefault(config.mutable_operator_listen(), "0.0.0.0:7444");
  SetDefault(config.mutable_dashboard_listen(), "0.0.0.0:7445");
  SetDefault(config.mutable_log_level(), "info");
  if (config.host_names().empty()) {
    config.add_host_names("localhost");
  }
  const bool heartbeat = config.has_heartbeat_interval();
  const bool life = config.has_device_certificate_life();
  const bool renewal = config.has_renew_after_expiry();
  const bool snapshot = config.has_snapshot_life();
  const bool timestamp = config.has_timestamp_life();
  const bool retention = config.has_report_retention();
  SetDefault(config.mutable_heartbeat_interval(), heartbeat, kHeartbeatSeconds);
  SetDefault(config.mutable_device_certificate_life(), life, 60 * kDaySeconds);
  SetDefault(config.mutable_renew_after_expiry(), renewal, 400 * kDaySeconds);
  SetDefault(config.mutable_snapshot_life(), snapshot, 14 * kDaySeconds);
  SetDefault(config.mutable_timestamp_life(), timestamp, 3 * kDaySeconds);
  SetDefault(config.mutable_report_retention(), retention, kReportDays * kDaySeconds);
  if (config.max_artifact_bytes() == 0) {
    config.set_max_artifact_bytes(kMaxArtifactBytes);
  }
  if (config.enrolments_per_second() == 0) {
    config.set_enrolments_per_second(kEnrolmentsPerSecond);
  }
  if (config.fan_out_per_second() == 0) {
    config.set_fan_out_per_second(kFanOutPerSecond);
  }
}

StatusOr<Duration> PositiveDuration(const google::protobuf::Duration& duration, const char* field) {
  const Duration value = absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (value < absl::Milliseconds(100)) {
    return Named(field, "at least 100ms");
  }
  return value;
}

StatusOr<LogLevel> ParseLogLevel(const std::string& text) {
  if (text == "debug") {
    return LogLevel::kDebug;
  }
  if (text == "info") {
    return LogLevel::kInfo;
  }
  if (text == "warning") {
    return LogLevel::kWarning;
  }
  if (text == "error") {
    return LogLevel::kError;
  }
  return Named("log_level", "'" + text + "' is none of debug, info, warning, error");
}

Status CheckDeviceLife(const config::v1::ControllerConfig& config, Duration life) {
  constexpr Duration kLeast = absl::Hours(24 * 30);
  constexpr Duration kMost = absl::Hours(24 * 90);
  if (life > kMost || (life < kLeast && !config.allow_short_certificates())) {
    return Named("device_certificate_life", "30 to 90 days");
  }
  return OkStatus();
}

StatusOr<std::string> ReadSmallFile(const std::string& path, const char* field) {
  const StatusOr<Bytes> bytes = ReadFile(path, kMaxListBytes);
  return bytes.ok() ? StatusOr<std::string>(ToText(*bytes))
                    : Named(field, MessageOf(bytes.status()));
}

StatusOr<EnrolmentRules> RulesOf(const config::v1::EnrolmentPolicy& policy) {
  EnrolmentRules rules;
  rules.ask = policy.ask();
  rules.approve_factory = policy.approve_factory();
  for (const std::string& path : policy.factory_cas()) {
    FLOTILLA_ASSIGN_OR_RETURN(const std::string pem,
                              ReadSmallFile(path, "enrolment_policy.factory_cas"));
    rules.factory_cas_pem += pem;
  }
  if (!policy.approved_serials().empty()) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const std::string text,
        ReadSmallFile(policy.approved_serials(), "enrolment_policy.approved_serials"));
    std::istringstream lines(text);
    for (std::string serial; lines >> serial;) {
      rules.approved_serials.insert(serial);
    }
  }
  return rules;
}

Status TakeEnrolment(const config::v1::ControllerConfig& config, AppOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(options.device_life, PositiveDuration(config.device_certificate_life(),
                                                                  "device_certificate_life"));
  FLOTILLA_RETURN_IF_ERROR(CheckDeviceLife(config, options.device_life));
  FLOTILLA_ASSIGN_OR_RETURN(options.renew_after_expiry,
                            PositiveDuration(config.renew_after_expiry(), "renew_after_expiry"));
  FLOTILLA_ASSIGN_OR_RETURN(options.enrolment_rules, RulesOf(config.enrolment_policy()));
  options.ca_key = config.ca_key();
  return OkStatus();
}

Status TakeHelper(const config::v1::HealthHelper& config, HealthHelperOptions& helper) {
  FLOTILLA_ASSIGN_OR_RETURN(const ListenAddress address,
                            ParseListen(config.address(), "health_helper.address"));
  if (address.port == 0) {
    return Named("health_helper.address", "the port that flotilla-aggregator listens on");
  }
  if (config.credentials_dir().empty()) {
    return Named("health_helper.credentials_dir",
                 "the folder that flotilla-aggregator leader --out wrote");
  }
  helper.address = config.address();
  helper.credentials_dir = config.credentials_dir();
  helper.named.name = config.operated_by();
  helper.named.independence = config.independent() ? HelperOperator::Independence::kIndependent
                                                   : HelperOperator::Independence::kNotIndependent;
  return OkStatus();
}

Status TakeReplica(const config::v1::ControllerConfig& config, AppOptions& options) {
  ReplicaOptions replica;
  replica.name = config.replica().name();
  if (!CheckIdText(replica.name, "name").ok()) {
    return Named("replica.name", "a name of this replica alone, as r1");
  }
  FLOTILLA_ASSIGN_OR_RETURN(replica.listen,
                            ParseListen(config.replica().listen(), "replica.listen"));
  if (replica.listen.host == "0.0.0.0" || replica.listen.host == "::") {
    return Named("replica.listen", "the address at which the other replicas reach this one");
  }
  if (options.store.empty()) {
    return Named("replica", "replicas share a PostgreSQL database: set store");
  }
  replica.artifact_url = config.replica().artifact_url();
  if (!replica.artifact_url.empty() &&
      (!replica.artifact_url.starts_with("https://") || !replica.artifact_url.ends_with('/'))) {
    return Named("replica.artifact_url", "https://..., ending in '/'");
  }
  options.replica = std::move(replica);
  return OkStatus();
}

Status TakeListeners(const config::v1::ControllerConfig& config, AppOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(options.enrolment,
                            ParseListen(config.enrolment_listen(), "enrolment_listen"));
  FLOTILLA_ASSIGN_OR_RETURN(options.device, ParseListen(config.device_listen(), "device_listen"));
  FLOTILLA_ASSIGN_OR_RETURN(options.artifact,
                            ParseListen(config.artifact_listen(), "artifact_listen"));
  FLOTILLA_ASSIGN_OR_RETURN(options.operators,
                            ParseListen(config.operator_listen(), "operator_listen"));
  FLOTILLA_ASSIGN_OR_RETURN(options.dashboard,
                            ParseListen(config.dashboard_listen(), "dashboard_listen"));
  return OkStatus();
}

Status TakeAdmission(const config::v1::Admission& config, AppOptions& options) {
  options.admission.handshakes_at_once = config.handshakes_at_once();
  options.admission.max_sessions = config.max_sessions();
  if (config.new_per_source_per_second() > 0) {
    options.admission.per_source_per_second = config.new_per_source_per_second();
  }
  const std::uint32_t rate = config.handshakes_per_second();
  if (rate != 0 && (rate < kLeastHandshakes || rate > kMostHandshakes)) {
    return Named("admission.handshakes_per_second", "10 to 100000");
  }
  options.handshakes_per_second = rate;
  if (config.has_drain_limit()) {
    const google::protobuf::Duration& limit = config.drain_limit();
    options.drain_limit = absl::Seconds(limit.seconds()) + absl::Nanoseconds(limit.nanos());
    if (options.drain_limit < absl::ZeroDuration() || options.drain_limit > kMostDrain) {
      return Named("admission.drain_limit", "0s to 1h");
    }
  }
  return OkStatus();
}

Status TakeFanOut(const config::v1::ControllerConfig& config, AppOptions& options) {
  if (config.fan_out_per_second() > kMostFanOut) {
    return Named("fan_out_per_second", "at most 1000000");
  }
  options.fan_out_per_second = config.fan_out_per_second();
  return OkStatus();
}

}  // namespace

std::string ListenAddress::Text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

StatusOr<AppOptions> ReadAppOptions(const std::filesystem::path& file) {
  config::v1::ControllerConfig config;
  FLOTILLA_RETURN_IF_ERROR(
      config::ReadYamlFile(file,
                           "write it; one line is enough for a start, 'state_dir: FOLDER', then "
                           "flotilla-controller init",
                           config));
  FillDefaults(config);
  if (config.host_names_size() > kMaxHostNames) {
    return Named("host_names", "at most 16");
  }
  AppOptions options;
  options.layout.state_dir = config.state_dir();
  if (!config.first_root_sha256().empty()) {
    auto digest = Digest::FromHex(config.first_root_sha256());
    if (!digest.ok()) {
      return Named("first_root_sha256", "64 lower-case hexadecimal digits");
    }
    options.first_root = *digest;
  }
  options.host_names.assign(config.host_names().begin(), config.host_names().end());
  FLOTILLA_RETURN_IF_ERROR(TakeListeners(config, options));
  FLOTILLA_ASSIGN_OR_RETURN(options.heartbeat_interval,
                            PositiveDuration(config.heartbeat_interval(), "heartbeat_interval"));
  if (options.heartbeat_interval < absl::Seconds(1)) {
    return Named("heartbeat_interval", "at least 1s: agents speak no more often");
  }
  FLOTILLA_RETURN_IF_ERROR(TakeEnrolment(config, options));
  FLOTILLA_ASSIGN_OR_RETURN(options.report_retention,
                            PositiveDuration(config.report_retention(), "report_retention"));
  FLOTILLA_ASSIGN_OR_RETURN(options.lives.snapshot,
                            PositiveDuration(config.snapshot_life(), "snapshot_life"));
  FLOTILLA_ASSIGN_OR_RETURN(options.lives.timestamp,
                            PositiveDuration(config.timestamp_life(), "timestamp_life"));
  FLOTILLA_ASSIGN_OR_RETURN(options.log_level, ParseLogLevel(config.log_level()));
  options.max_artifact_bytes = config.max_artifact_bytes();
  options.enrolments_per_second = config.enrolments_per_second();
  if (config.rollout_approvals() > kMaxApprovals) {
    return Named("rollout_approvals", "at most 4");
  }
  options.rollout_approvals = config.rollout_approvals();
  if (const Status status = CheckStoreAddress(config.store()); !status.ok()) {
    return Named("store", MessageOf(status));
  }
  options.store = config.store();
  if (config.has_replica()) {
    FLOTILLA_RETURN_IF_ERROR(TakeReplica(config, options));
  }
  if (config.has_health_helper()) {
    FLOTILLA_RETURN_IF_ERROR(TakeHelper(config.health_helper(), options.health_helper));
  }
  FLOTILLA_RETURN_IF_ERROR(TakeAdmission(config.admission(), options));
  FLOTILLA_RETURN_IF_ERROR(TakeFanOut(config, options));
  options.effective_yaml = config::WriteYaml(config);
  return options;
}

}  // namespace flotilla::controller
