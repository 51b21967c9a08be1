#ifndef FLOTILLA_CONTROLLER_FLEET_REVOCATION_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_REVOCATION_DESK_H_

#include <functional>
#include <string>

#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/revocation_service.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/fleet/fleet_state.h"
#include "controller/fleet/session_registry.h"
#include "controller/rollout/rollout_book.h"

namespace flotilla::controller {

// The kill switch: one operator asks, another one approves, and every device on the release is told
// in the transaction that makes it durable. Fleet loop only; everything given outlives it.
// Callbacks run on the fleet loop, after what they tell is durable. `actor`: "operator:alice".
class RevocationDesk {
 public:
  using Done = std::function<void(StatusOr<v1::RevocationStatus>)>;

  RevocationDesk(FleetState& state, rollout::RolloutBook& book, FleetLedger& ledger,
                 const SessionRegistry& sessions, const Clock& clock)
      : state_(state), book_(book), ledger_(ledger), sessions_(sessions), clock_(clock) {}

  // Errors: as RevocationService.
  void Ask(const v1::AskRevocationRequest& request, const std::string& actor, const Done& done);
  void Decide(const v1::DecideRevocationRequest& request, const std::string& actor,
              const Done& done);
  StatusOr<v1::RevocationStatus> Find(const std::string& line, const std::string& version) const;

 private:
  StatusOr<const v1::Release*> Known(const std::string& line, const std::string& version) const;
  // Counts devices, one look at each.
  v1::RevocationStatus StatusOf(const v1::Release& release) const;
  void Record(const v1::Release& release, rollout::RolloutChange moved, v1::AuditEntry entry,
              const Done& done);

  FleetState& state_;
  rollout::RolloutBook& book_;
  FleetLedger& ledger_;
  const SessionRegistry& sessions_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_REVOCATION_DESK_H_
