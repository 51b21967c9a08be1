#ifndef FLOTILLA_CONTROLLER_FLEET_POLICY_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_POLICY_DESK_H_

#include <functional>
#include <string>
#include <vector>

#include "flotilla/v1/policy.pb.h"

#include "base/clock.h"
#include "base/status.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/rollout/rollout_book.h"

namespace flotilla::controller {

// Operators' rules over all rollouts: freezes and pins. Fleet loop only; everything given outlives
// it. Callbacks run on the fleet loop, after what they tell is durable. Errors: as PolicyService.
// `actor`: "operator:alice". Every change is audited.
class PolicyDesk {
 public:
  PolicyDesk(rollout::RolloutBook& book, FleetLedger& ledger, const Clock& clock)
      : book_(book), ledger_(ledger), clock_(clock) {}

  void CreateFreeze(const v1::CreateFreezeRequest& request, const std::string& actor,
                    const std::function<void(StatusOr<v1::CreateFreezeResponse>)>& done);
  void DeleteFreeze(const v1::DeleteFreezeRequest& request, const std::string& actor,
                    const std::function<void(const Status&)>& done);
  std::vector<v1::Freeze> Freezes() const { return book_.policies().Freezes(); }

  void PinDevice(const v1::PinDeviceRequest& request, const std::string& actor,
                 const std::function<void(StatusOr<v1::PinDeviceResponse>)>& done);
  void UnpinDevice(const v1::UnpinDeviceRequest& request, const std::string& actor,
                   const std::function<void(const Status&)>& done);
  std::vector<v1::Pin> Pins() const { return book_.policies().Pins(); }

 private:
  // Records what the book made of it, with one audit entry.
  void Record(rollout::RolloutChange moved, v1::AuditEntry entry,
              const std::function<void(const Status&)>& done);

  rollout::RolloutBook& book_;
  FleetLedger& ledger_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_POLICY_DESK_H_
