#ifndef FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "flotilla/v1/rollout.pb.h"

#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/fleet_ledger.h"
#include "controller/rollout/rollout_book.h"

namespace flotilla::controller {

struct RolloutDeskOptions {
  Duration tick = absl::Milliseconds(200);
  // Approvals that every rollout needs at least.
  std::uint32_t approvals = 0;
};

// Operators' rollout commands, views of rollouts, and the clock of the rollouts. Fleet loop only;
// everything given outlives it. Callbacks run on the fleet loop, after what they tell is durable.
// `actor`: "operator:alice".
class RolloutDesk {
 public:
  RolloutDesk(rollout::RolloutBook& book, FleetLedger& ledger, Executor& loop, const Clock& clock,
              const RolloutDeskOptions& options);

  // Looks at the rollouts every `options.tick` while one is active, else every 5 s.
  void Start();

  // Errors: as RolloutService.CreateRollout.
  void Create(const v1::CreateRolloutRequest& request, const std::string& actor,
              const std::function<void(StatusOr<v1::CreateRolloutResponse>)>& done);
  // Errors: as RolloutService.ActOnRollout; NOT_FOUND.
  void Act(const v1::ActOnRolloutRequest& request, const std::string& actor,
           const std::function<void(StatusOr<v1::Rollout>)>& done);

  // Errors: as RolloutService.SetRollout; NOT_FOUND.
  void Set(const v1::SetRolloutRequest& request, const std::string& actor,
           const std::function<void(StatusOr<v1::SetRolloutResponse>)>& done);

  // As of rollout::RolloutBook.
  void TakeGuardStatus(const std::string& id, std::uint32_t wave,
                       const rollout::GuardStatus& status);
  std::vector<rollout::GuardOrder> OpenGuards() const { return book_.OpenGuards(); }
  std::set<std::string> GuardTasksOf(const std::string& device_id,
                                     const std::set<std::string>& offered) const {
    return book_.GuardTasksOf(device_id, offered);
  }

  // NOT_FOUND.
  StatusOr<v1::Rollout> Find(const std::string& id) const;
  // Newest first, at most 1,000.
  std::vector<v1::Rollout> List() const;
  // NOT_FOUND.
  StatusOr<std::vector<v1::RolloutDevice>> Devices(const std::string& id) const;
  // Sentences, most important first. NOT_FOUND.
  StatusOr<std::vector<std::string>> Explain(const std::string& id) const;
  // Version of the release that is the line's baseline; empty when it has none.
  std::string BaselineOf(const std::string& line) const;
  // What the rollouts say about a device.
  std::vector<std::string> ExplainDevice(const std::string& device_id) const;

 private:
  StatusOr<rollout::RolloutChange> Moved(const v1::ActOnRolloutRequest& request,
                                         const std::string& by);
  void Tick();
  void ArmTimer();

  rollout::RolloutBook& book_;
  FleetLedger& ledger_;
  Executor& loop_;
  const Clock& clock_;
  const Duration tick_;
  const std::uint32_t approvals_;
  TimerId timer_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_
