#ifndef FLOTILLA_CONTROLLER_HEALTH_GUARD_DESK_H_
#define FLOTILLA_CONTROLLER_HEALTH_GUARD_DESK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/fleet/fleet.h"
#include "controller/health/health_board.h"
#include "controller/health/health_desk.h"
#include "controller/rollout/guard_status.h"

namespace flotilla::controller {

// Gives the private gates of rollouts what they ask for: two tasks, once each, by the same way as
// an operator's question, and then every look as the board shows it. Keeps nothing that must not be
// lost: what is wanted stands in the rollouts, what is there on the board, under the wave's name;
// so whoever starts again goes on. Without a helper every gate hears so at once. Fleet loop only.
class GuardDesk {
 public:
  struct Parts {
    Fleet& fleet;
    Executor& loop;  // the fleet's
    const Clock& clock;
    const HealthBoard& board;
    HealthDesk* health = nullptr;  // null: no second party
  };

  // What is given outlives it.
  explicit GuardDesk(const Parts& parts) : parts_(parts) {}
  ~GuardDesk() = default;
  GuardDesk(const GuardDesk&) = delete;
  GuardDesk& operator=(const GuardDesk&) = delete;

  // Looks every second while a gate is open, else every 5 s.
  void Start();

 private:
  using ArmKey = std::tuple<std::string, std::uint32_t, dap::Arm>;
  // What came of asking for an arm's task.
  struct Asking {
    bool under_way = false;
    std::uint32_t refused = 0;  // not because the helper is away
    Duration again;             // monotonic
    std::string trouble;
  };

  void Look();
  void Serve(const rollout::GuardOrder& order);
  // The task of an arm is not there.
  void Ask(const rollout::GuardOrder& order, dap::Arm arm, std::optional<Time> begin);
  void OnAsked(const ArmKey& key, const StatusOr<v1::HealthTask>& task);
  void Audit(const v1::HealthTask& task);

  const Parts parts_;
  std::map<ArmKey, Asking> asking_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_GUARD_DESK_H_
