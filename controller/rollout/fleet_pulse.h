#ifndef FLOTILLA_CONTROLLER_ROLLOUT_FLEET_PULSE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_FLEET_PULSE_H_

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/time.h"
#include "controller/rollout/fleet_view.h"

namespace flotilla::rollout {

// Whether the fleet's network is down: more than 20 % of the devices, and at least 10, that no
// running rollout has updated fell silent within one hour. It is back when nine tenths of the
// devices that were there before can be reached again. Each change of a device costs O(log).
class FleetPulse {
 public:
  static constexpr Duration kWindow = absl::Hours(1);
  static constexpr double kJump = 0.20;
  static constexpr std::uint32_t kFewest = 10;
  static constexpr double kBack = 0.9;

  enum class Group {
    kControl,
    // A running rollout has brought it its release: its silence may be the release's.
    kUpdated,
  };

  bool filled() const { return filled_; }
  void Fill(const FleetView& fleet);
  // As the fleet shows the device now.
  void Note(const v1::Device& device, Group group, Time now);

  bool NetworkIsDown(Time now);
  std::uint32_t reachable() const { return reachable_; }
  std::uint32_t silent() const { return static_cast<std::uint32_t>(by_time_.size()); }

 private:
  struct Seen {
    bool reachable = false;
    // Of its entry in by_time_; InfinitePast without one.
    Time silent_since = absl::InfinitePast();
  };
  void Forget(const std::string& device_id, Seen& seen);

  bool filled_ = false;
  std::unordered_map<std::string, Seen> seen_;
  std::uint32_t reachable_ = 0;
  // Control devices that fell silent within the window.
  std::set<std::pair<Time, std::string>> by_time_;
  bool down_ = false;
  // Devices that could be reached before it went down.
  double before_ = 0;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_FLEET_PULSE_H_
