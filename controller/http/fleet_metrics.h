#ifndef FLOTILLA_CONTROLLER_HTTP_FLEET_METRICS_H_
#define FLOTILLA_CONTROLLER_HTTP_FLEET_METRICS_H_

#include <string>

#include "controller/http/artifact_routes.h"
#include "controller/http/dashboard_source.h"

namespace flotilla::http {

// The answer of /metrics, Prometheus text format 0.0.4: prefix fleet_, base units, never a device
// id as a label.
std::string FleetMetricsText(const FleetPicture& fleet, const ArtifactCounters& artifacts);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_FLEET_METRICS_H_
