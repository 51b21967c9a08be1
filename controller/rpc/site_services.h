#ifndef FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
#define FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_

#include "base/clock.h"
#include "base/executor.h"
#include "controller/rpc/rpc_site.h"

namespace flotilla::controller {

class Catalogue;
class Enrolment;
class TokenDesk;

// The services over enrolment and releases. `loop` is the fleet's, `worker` may block. Everything
// outlives the site.
RpcSiteServices MakeSiteServices(Enrolment& enrolment, TokenDesk& tokens, Catalogue& catalogue,
                                 Executor& loop, Executor& worker, const Clock& clock);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
