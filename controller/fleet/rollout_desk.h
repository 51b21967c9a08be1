#ifndef FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_
#define FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_

#include <functional>
#include <string>
#include <vector>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"

namespace flotilla::controller {

// Operators' rollout commands, and views of rollouts. Fleet loop only. Callbacks run on the fleet
// loop, after what they tell is durable. `actor`: "operator:alice".
class RolloutDesk {
 public:
  virtual ~RolloutDesk() = default;

  // Errors: as RolloutService.CreateRollout.
  virtual void Create(const v1::CreateRolloutRequest& request, const std::string& actor,
                      std::function<void(StatusOr<v1::CreateRolloutResponse>)> done) = 0;
  // Errors: as RolloutService.ActOnRollout; NOT_FOUND.
  virtual void Act(const v1::ActOnRolloutRequest& request, const std::string& actor,
                   std::function<void(StatusOr<v1::Rollout>)> done) = 0;

  // NOT_FOUND.
  virtual StatusOr<v1::Rollout> Find(const std::string& id) const = 0;
  // Newest first, at most 1,000.
  virtual std::vector<v1::Rollout> List() const = 0;
  // NOT_FOUND.
  virtual StatusOr<std::vector<v1::RolloutDevice>> Devices(const std::string& id) const = 0;
  // Sentences, most important first. NOT_FOUND.
  virtual StatusOr<std::vector<std::string>> Explain(const std::string& id) const = 0;

 protected:
  RolloutDesk() = default;
  RolloutDesk(const RolloutDesk&) = default;
  RolloutDesk& operator=(const RolloutDesk&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_ROLLOUT_DESK_H_
