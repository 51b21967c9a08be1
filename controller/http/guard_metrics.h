// The private gates of rollouts as Prometheus gauges. For fleet_metrics.cc alone.
#ifndef FLOTILLA_CONTROLLER_HTTP_GUARD_METRICS_H_
#define FLOTILLA_CONTROLLER_HTTP_GUARD_METRICS_H_

#include <vector>

#include <prometheus/metric_family.h>

#include "flotilla/v1/rollout.pb.h"

namespace flotilla::http {

// Of each wave with a private gate: fleet_rollout_guard{rollout,wave,stage}, 1 for the stage that
// it is in; after a look fleet_rollout_guard_increase{rollout,wave} with _low and _high (95 %), the
// rise of the share of bad verdicts. Pure.
void AddGuardMetrics(const std::vector<v1::Rollout>& rollouts,
                     std::vector<prometheus::MetricFamily>& families);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_GUARD_METRICS_H_
