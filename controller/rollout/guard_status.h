// What passes between rollouts and private health: an order one way, what became of it the other.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_GUARD_STATUS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_GUARD_STATUS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/time.h"
#include "controller/rollout/health_gate.h"

namespace flotilla::rollout {

// A wave's gate that is not decided: two tasks are wanted, or their looks.
struct GuardOrder {
  std::string rollout_id;
  std::uint32_t wave = 0;
  std::string wave_name;
  std::string line;
  v1::ReleaseRef release;   // of the canary arm
  v1::ReleaseRef baseline;  // of the control arm
  std::uint32_t looks = 2;
  std::optional<Duration> demo_window;  // absent: not a demonstration
  std::uint64_t canary_devices = 0;
  std::uint64_t control_devices = 0;
  // Ids of the tasks as far as they are known.
  std::string canary_task;
  std::string control_task;
};

// What was collected of one arm in one window.
struct GuardSum {
  std::uint64_t reports = 0;
  std::array<std::int64_t, kGateVerdicts> counts{};
};

// The same window of both arms.
struct GuardLook {
  Time ends;
  GuardSum canary;
  GuardSum control;
};

// How an order stands, the whole of it each time: telling it twice changes nothing.
struct GuardStatus {
  enum class Rest {
    kOpen = 0,
    kNoMoreLooks,  // all windows are over for good
    kRefused,      // there will be no tasks; `trouble` says why
  };
  std::string canary_task;
  std::string control_task;
  // By then all looks are there or never will be; of an order that has both tasks.
  std::optional<Time> until;
  std::vector<GuardLook> looks;  // in order of time
  Rest rest = Rest::kOpen;
  std::string trouble;  // why there is no task or look; one sentence without a full stop
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_GUARD_STATUS_H_
