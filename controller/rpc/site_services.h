#ifndef FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
#define FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_

#include "base/clock.h"
#include "base/executor.h"
#include "controller/rpc/rpc_site.h"

namespace flotilla::controller {

class Catalogue;
class Enrolment;
class ExpiryDesk;
class OperatorDesk;
class TokenDesk;

// What the services rest on; everything outlives the site.
struct SiteParts {
  Enrolment& enrolment;
  TokenDesk& tokens;
  OperatorDesk& operators;
  ExpiryDesk& expiry;
  Catalogue& catalogue;
  // The fleet's.
  Executor& loop;
  // May block.
  Executor& worker;
  const Clock& clock;
};

// The services over enrolment, operators, releases and the site itself.
RpcSiteServices MakeSiteServices(const SiteParts& parts);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
