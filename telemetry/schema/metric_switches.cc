#include "telemetry/schema/metric_switches.h"

#include <cstddef>
#include <string>

#include "base/status.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/registry.h"

namespace flotilla::schema {

StatusOr<MetricSwitches> MetricSwitches::Of(const OwnersChoice& choice) {
  MetricSwitches switches = AsInTheTable();
  for (const OwnersChoice::OfOne& one : choice.metrics) {
    const Metric* const metric = FindMetric(one.metric);
    if (metric == nullptr) return InvalidArgument("no health metric is called " + one.metric);
    if (one.setting == Switch::kUnspecified) {
      return InvalidArgument("health metric " + one.metric + ": say on or off");
    }
    switches = switches.With(metric->id, one.setting);
  }
  return choice.all == Switch::kOff ? AllOff() : switches;
}

MetricSwitches MetricSwitches::AsInTheTable() {
  MetricSwitches switches;
  for (const Metric& metric : AllMetrics()) {
    switches = switches.With(metric.id, metric.unless_told);
  }
  return switches;
}

MetricSwitches MetricSwitches::AllOff() {
  return {};
}

MetricSwitches MetricSwitches::With(MetricId metric, Switch setting) const {
  MetricSwitches switches = *this;
  switches.on_.set(static_cast<std::size_t>(metric), setting == Switch::kOn);
  return switches;
}

}  // namespace flotilla::schema
