#ifndef FLOTILLA_CONTROLLER_FLEET_FAN_OUT_H_
#define FLOTILLA_CONTROLLER_FLEET_FAN_OUT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "controller/fleet/session_registry.h"
#include "controller/session/fan_out_pacer.h"

namespace flotilla::controller {

enum class Haste {
  kUnspecified = 0,
  kPaced,   // a few devices at once, many in their turn
  kAtOnce,  // all at once: something must stop
};

// Sends desired states that are durable to the open sessions they are for. A device without a
// session needs nothing: it hears the newest with its Welcome. What waits is lost with the process,
// for the same reason without harm. Fleet loop only; everything given outlives it.
class FanOut {
 public:
  using Sends = std::vector<FanOutPacer::Send>;

  FanOut(const FanOutOptions& options, SessionRegistry& sessions, Executor& loop,
         const Clock& clock);
  ~FanOut();
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  void Send(const Sends& sends, Haste haste);

  // Devices whose turn has not come.
  std::size_t waiting() const { return pacer_.waiting(); }
  bool Waits(const std::string& device_id) const { return pacer_.Waits(device_id); }
  const FanOutOptions& options() const { return options_; }

 private:
  void TakeTurn();
  void Arm();

  const FanOutOptions options_;
  SessionRegistry& sessions_;
  Executor& loop_;
  const Clock& clock_;
  FanOutPacer pacer_;
  std::optional<TimerId> timer_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_FAN_OUT_H_
