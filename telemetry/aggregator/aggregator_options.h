#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_AGGREGATOR_OPTIONS_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_AGGREGATOR_OPTIONS_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "base/time.h"
#include "telemetry/aggregator/state_layout.h"
#include "telemetry/aggregator/task_policy.h"

namespace flotilla::telemetry {

// AggregatorConfig with its defaults filled in and its values checked.
struct AggregatorOptions {
  StateLayout layout;
  std::string listen_host;
  std::uint16_t listen_port = 0;  // 0: a free one
  std::vector<std::string> host_names;
  std::filesystem::path devices_file;
  std::uint64_t minimum_batch = 0;
  Demonstrations demonstrations = Demonstrations::kRefused;
  Duration sealing_key_life;
  LogLevel log_level = LogLevel::kInfo;
  // As it is in force, for the log.
  std::string effective_yaml;

  // How leader and tasks name this aggregator when it listens on `port`: "helper.example:7446".
  std::string Endpoint(std::uint16_t port) const;
};

// "127.0.0.1:7446", "[::1]:7446".
std::string HostPort(const std::string& host, std::uint16_t port);

// Reads and checks a configuration file. NOT_FOUND; INVALID_ARGUMENT names file, line and field.
StatusOr<AggregatorOptions> ReadAggregatorOptions(const std::filesystem::path& file);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_AGGREGATOR_OPTIONS_H_
