#ifndef FLOTILLA_TELEMETRY_SCHEMA_METRIC_SWITCHES_H_
#define FLOTILLA_TELEMETRY_SCHEMA_METRIC_SWITCHES_H_

#include <bitset>
#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"
#include "telemetry/schema/metric.h"

namespace flotilla::schema {

// What the owner of a device wrote in its configuration; the controller has no say in it.
struct OwnersChoice {
  struct OfOne {
    std::string metric;
    Switch setting = Switch::kUnspecified;
  };

  // kOff: no metric, whatever `metrics` says. kUnspecified is kOn.
  Switch all = Switch::kUnspecified;
  // For others the table's setting holds; of one named twice the last.
  std::vector<OfOne> metrics;
};

// Which metrics a device votes for. A value.
class MetricSwitches {
 public:
  // INVALID_ARGUMENT: no metric has this name (the text names it), or its setting is kUnspecified.
  static StatusOr<MetricSwitches> Of(const OwnersChoice& choice);
  // As when the owner chose nothing.
  static MetricSwitches AsInTheTable();
  static MetricSwitches AllOff();

  bool IsOn(MetricId metric) const { return on_.test(static_cast<std::size_t>(metric)); }
  MetricSwitches With(MetricId metric, Switch setting) const;

  friend bool operator==(const MetricSwitches& a, const MetricSwitches& b) {
    return a.on_ == b.on_;
  }

 private:
  MetricSwitches() = default;

  std::bitset<kMetricCount + 1> on_;  // by id
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_METRIC_SWITCHES_H_
