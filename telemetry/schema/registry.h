// All health metrics there are. Compiled into agent, controller and aggregator: no message brings a
// metric, a name or an edge with it. docs/metrics.md is this table for people; a test compares
// them.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_REGISTRY_H_
#define FLOTILLA_TELEMETRY_SCHEMA_REGISTRY_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "telemetry/schema/metric.h"

namespace flotilla::schema {

// Rises with any change of the table: another metric, another edge, another order.
inline constexpr std::uint32_t kSchemaVersion = 1;

// kMetricCount of them by ascending id, from 1 without a gap. Lives as long as the program.
std::span<const Metric> AllMetrics();

// `id` is one of the enumerators but kUnspecified.
const Metric& MetricOf(MetricId id);

// nullptr: there is none.
const Metric* FindMetric(std::uint32_t id);
const Metric* FindMetric(std::string_view name);

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_REGISTRY_H_
