#ifndef FLOTILLA_CONTROLLER_FLEET_AUDIT_CHECK_H_
#define FLOTILLA_CONTROLLER_FLEET_AUDIT_CHECK_H_

#include <cstdint>
#include <functional>

#include "base/status.h"
#include "controller/fleet/fleet.h"
#include "security/audit/audit_chain.h"

namespace flotilla::controller {

struct AuditCheck {
  // DATA_LOSS names the seq of the break.
  Status verdict;
  std::uint64_t entries = 0;
  // Sound up to here.
  security::AuditHead head;
};

// Recomputes the whole audit log as it is stored, page by page, so that commits go on between. On
// the fleet loop; `done` too. This tells that the database fits itself: what proves a log to
// somebody who does not trust this machine is `fleetctl audit verify`.
void CheckAuditLog(Fleet& fleet, const std::function<void(const AuditCheck&)>& done);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_AUDIT_CHECK_H_
