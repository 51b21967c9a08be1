#ifndef FLOTILLA_CONTROLLER_SESSION_FAN_OUT_PACER_H_
#define FLOTILLA_CONTROLLER_SESSION_FAN_OUT_PACER_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/token_bucket.h"
#include "controller/session/desired_frame.h"

namespace flotilla::controller {

struct FanOutOptions {
  // A change of so few devices is an operator's about them, or what one report sets off: it is told
  // at once.
  std::size_t few = 8;
  // A change waits so long for those that follow it: what replaces it is sent alone.
  Duration hold = absl::Milliseconds(100);
  // Sessions that are told of a change, in steps of a twentieth of a second.
  double per_second = 2000;
};

// When each of many devices hears its new desired state: what is sent costs little, but the answers
// (reports, downloads) are the load. In the order in which they came; of one device only the newest
// waits, at the place of the first. Pure: `now` is monotonic. One thread.
class FanOutPacer {
 public:
  using Send = std::pair<std::string, DesiredFrame>;  // device id

  explicit FanOutPacer(const FanOutOptions& options);

  void Put(const std::string& device_id, const DesiredFrame& frame, Duration now);
  // Was told otherwise, or needs it no more.
  void Drop(const std::string& device_id) { frames_.erase(device_id); }
  // Whose turn it is.
  std::vector<Send> Due(Duration now);
  // When Due has more; nothing: nobody waits.
  std::optional<Duration> NextDue(Duration now) const;

  bool Waits(const std::string& device_id) const { return frames_.contains(device_id); }
  std::size_t waiting() const { return frames_.size(); }

 private:
  struct Place {
    std::string device_id;
    Duration from;
  };

  FanOutOptions options_;
  TokenBucket bucket_;
  std::deque<Place> places_;
  std::unordered_map<std::string, DesiredFrame> frames_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_SESSION_FAN_OUT_PACER_H_
