#ifndef FLOTILLA_TELEMETRY_SCHEMA_RELEASE_HEALTH_H_
#define FLOTILLA_TELEMETRY_SCHEMA_RELEASE_HEALTH_H_

#include <cstdint>
#include <optional>

namespace flotilla::schema {

// What a device remembers of a release to judge the next by: buckets and counts of one window. It
// stays on the device.
struct ReleaseHealth {
  std::uint64_t requests = 0;
  // Buckets of the metric of each name's first word.
  std::optional<std::uint32_t> ttft_p50{};
  std::optional<std::uint32_t> ttft_p95{};
  std::optional<std::uint32_t> request_p50{};
  std::optional<std::uint32_t> request_p95{};
  std::optional<std::uint32_t> decode_tps_p50{};
  std::uint64_t crashes = 0;
  std::uint64_t outcomes = 0;
  std::uint64_t solved = 0;  // of `outcomes`
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_RELEASE_HEALTH_H_
