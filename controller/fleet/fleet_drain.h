#ifndef FLOTILLA_CONTROLLER_FLEET_FLEET_DRAIN_H_
#define FLOTILLA_CONTROLLER_FLEET_FLEET_DRAIN_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/time.h"
#include "controller/fleet/session_registry.h"

namespace flotilla::controller {

// The way down: every session is told over which time to come back, then they are closed evenly
// over a window. Fleet loop only; everything given outlives it.
class FleetDrain {
 public:
  using Done = std::function<void()>;

  FleetDrain(SessionRegistry& sessions, Executor& loop, const Clock& clock,
             double handshakes_per_second);

  // `done` once all sessions are closed. Again: the shorter window counts, and both are answered.
  void Start(Duration limit, Done done);
  bool started() const { return started_.has_value(); }

 private:
  void Step();

  SessionRegistry& sessions_;
  Executor& loop_;
  const Clock& clock_;
  const double handshakes_per_second_;
  std::vector<Done> dones_;
  std::size_t sessions_at_start_ = 0;
  std::size_t closed_ = 0;
  std::optional<Duration> started_;  // monotonic
  Duration window_;
  TimerId timer_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FLEET_DRAIN_H_
