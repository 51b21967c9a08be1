#ifndef FLOTILLA_CONTROLLER_HTTP_API_ROUTES_H_
#define FLOTILLA_CONTROLLER_HTTP_API_ROUTES_H_

#include "base/clock.h"
#include "controller/http/artifact_routes.h"
#include "controller/http/dashboard_source.h"
#include "controller/http/dashboard_token.h"
#include "controller/http/router.h"

namespace flotilla::http {

// Everything the routes need; all must outlive the router.
struct DashboardScope {
  DashboardSource& source;
  const DashboardTokens& tokens;
  const Clock& clock;
  const ArtifactCounters& artifacts;
};

// GET  /api/v1/overview, /api/v1/devices (page_size, page_token), /api/v1/devices/<id>,
// /api/v1/rollouts,
//      /api/v1/rollouts/<id>, /api/v1/events (server-sent events, Last-Event-ID),
//      /api/v1/expiry (what will lapse, soonest first),
//      /api/v1/health (metric, line, task: private health, newest first), and those of
//      audit_routes.h
// POST /api/v1/tokens        a dashboard token of one hour, for an operator certificate
// GET  /healthz, /readyz     for anyone
// GET  /metrics              Prometheus text format
// JSON fields are those of the protocol's messages; errors are RFC 9457 problems.
void AddApiRoutes(Router& router, const DashboardScope& scope);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_API_ROUTES_H_
