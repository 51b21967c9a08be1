#ifndef FLOTILLA_CONTROLLER_HTTP_AUDIT_ROUTES_H_
#define FLOTILLA_CONTROLLER_HTTP_AUDIT_ROUTES_H_

#include "controller/http/dashboard_source.h"
#include "controller/http/router.h"

namespace flotilla::http {

// GET /api/v1/audit               entries, newest first (page_size, before_seq); hashes in base64
// GET /api/v1/audit/verification  {"sound": true, "entries": 41, "head": "41:<64 digits>"}: the
//                                 stored log recomputed by this controller; a break is named in
//                                 "problem". To whom this machine is no witness: fleetctl audit
//                                 verify.
// `source` outlives the router.
void AddAuditRoutes(Router& router, DashboardSource& source);

}  // namespace flotilla::http

#endif  // FLOTILLA_CONTROLLER_HTTP_AUDIT_ROUTES_H_
