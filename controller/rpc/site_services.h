#ifndef FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
#define FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_

#include "base/clock.h"
#include "base/executor.h"
#include "controller/rpc/rpc_site.h"

namespace flotilla::controller {

class ApprovalDesk;
class AuthorityStore;
class Catalogue;
class Enrolment;
class ExpiryDesk;
class Fleet;
class HealthBoard;
class HealthDesk;
class OperatorDesk;
class TokenDesk;
struct SystemServiceOptions;

// What the services rest on; everything outlives the site.
struct SiteParts {
  Enrolment& enrolment;
  TokenDesk& tokens;
  ApprovalDesk& approvals;
  OperatorDesk& operators;
  ExpiryDesk& expiry;
  Catalogue& catalogue;
  AuthorityStore& authorities;
  Fleet& fleet;
  const HealthBoard& health_board;
  // Null: no second party.
  HealthDesk* health;
  // The fleet's.
  Executor& loop;
  // May block.
  Executor& worker;
  const Clock& clock;
};

// What devices call beside their session. `health` null: no second party.
DeviceMethods DeviceMethodsOf(HealthDesk* health, Fleet& fleet, const HealthBoard& board);

// The services over enrolment, operators, releases, private health and the site itself.
RpcSiteServices MakeSiteServices(const SiteParts& parts, const SystemServiceOptions& system);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SITE_SERVICES_H_
