#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_EVENTS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_EVENTS_H_

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "base/time.h"

namespace flotilla::rollout {

struct SimEvent {
  enum class Kind {
    // A device's planned step; `token` is its plan.
    kStep,
    // A confirmed release goes bad on a device.
    kGoesBad,
    // A device loses and finds its connection by itself; `token` is its spell.
    kLeaves,
    kComesBack,
    // The controller has missed a device long enough.
    kMissed,
    kTick,
    // `subject` is the outage.
    kOutageBegins,
    kOutageEnds,
  };
  Time at;
  Kind kind = Kind::kTick;
  // The device, unless the kind says otherwise.
  std::uint32_t subject = 0;
  std::uint32_t token = 0;
  // Keeps events of one moment in the order in which they were planned.
  std::uint64_t number = 0;
};

// What is still to happen, soonest first.
class SimEvents {
 public:
  void Plan(SimEvent event) {
    event.number = next_++;
    events_.push(event);
  }
  bool empty() const { return events_.empty(); }
  SimEvent Take() {
    const SimEvent event = events_.top();
    events_.pop();
    return event;
  }

 private:
  struct Later {
    bool operator()(const SimEvent& a, const SimEvent& b) const {
      return std::tie(a.at, a.number) > std::tie(b.at, b.number);
    }
  };
  std::priority_queue<SimEvent, std::vector<SimEvent>, Later> events_;
  std::uint64_t next_ = 0;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_EVENTS_H_
