// Private health as Prometheus gauges. For fleet_metrics.cc alone.
#ifndef FLOTILLA_CONTROLLER_HTTP_HEALTH_METRICS_H_
#define FLOTILLA_CONTROLLER_HTTP_HEALTH_METRICS_H_

#include <vector>

#include <prometheus/metric_family.h>

#include "flotilla/v1/health.pb.h"

namespace flotilla::http {

// Of each metric, release, arm and kind the newest window that was collected, and of nothing else:
// fleet_health_devices{metric,line,release,arm,demo,bucket} as published, with
// fleet_health_devices_low and _high (95 %), and without the bucket fleet_health_reports,
// fleet_health_epsilon, fleet_health_delta, fleet_health_independent and
// fleet_health_window_end_timestamp_seconds. Pure.
void AddHealthMetrics(const v1::ListHealthResponse& health,
                      std::vector<prometheus::MetricFamily>& families);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_HEALTH_METRICS_H_
