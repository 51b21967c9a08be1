#ifndef FLOTILLA_AGENT_SESSION_RECONNECT_POLICY_H_
#define FLOTILLA_AGENT_SESSION_RECONNECT_POLICY_H_

#include <optional>

#include "base/backoff.h"
#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

struct ReconnectOptions {
  BackoffOptions backoff;
  // Used until the controller names another.
  Duration spread = absl::Seconds(60);
  // A session that lived so long proves the path good: the backoff starts over.
  Duration stable_after = absl::Seconds(60);
  // Ceiling of the delay after the controller refused this device; half of it is the least.
  Duration refused_retry = absl::Seconds(300);
};

// The controller does not know this device, or not any more: it is not asked again soon.
bool RefusesDevice(const Status& status);

// When a device tries again. A fleet that lost its controller comes back evenly over the spread
// that it was told: the first delay is uniform in [0, spread], and a try that fails before the
// spread is over is drawn again from what is left of it, so that those who found the door closed do
// not all stand there a second later. After the spread: full-jitter exponential backoff, which
// starts over only after a stable session. What the controller asks for (base/retry_after.h) is the
// least, with up to half of it more. Pure: `now` is monotonic. One thread.
class ReconnectPolicy {
 public:
  // `random` must outlive this object.
  ReconnectPolicy(const ReconnectOptions& options, Random& random);

  // Told by the controller; at most an hour is believed.
  void SetSpread(Duration spread);
  // The same of one loss alone: the controller goes down.
  void SetDrain(Duration spread);
  Duration spread() const { return spread_; }

  void OnUp(Duration now);
  // The device closed a session that was well.
  void OnRest() { backoff_.Reset(); }

  // The delay after the session that was up ended.
  Duration AfterLoss(const Status& status, Duration now);
  // The delay after a session did not come up.
  Duration AfterFailure(const Status& status, Duration now);

 private:
  // `own`, or what the controller's answer makes of it: longer.
  Duration AtLeastAsked(Duration own, const Status& status);

  ReconnectOptions options_;
  Random& random_;
  Backoff backoff_;
  Duration spread_;
  std::optional<Duration> drain_spread_;
  Duration live_since_;
  // Until when tries are spread.
  Duration window_end_ = -absl::InfiniteDuration();
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_SESSION_RECONNECT_POLICY_H_
