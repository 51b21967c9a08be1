#ifndef FLOTILLA_CONTROLLER_ROLLOUT_MEMBER_INDEX_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_MEMBER_INDEX_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/time.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// In its wave's quorum, or moved out of it because it was offline.
enum class Lane { kQuorum, kCatchUp };

// The open devices of one rollout by what they wait for, so that no report looks at all of them. A
// device that cannot start now is parked and woken by what it waits for. Derived from the rows and
// the fleet alone: after a restart every pending device is ready again and parks anew.
class MemberIndex {
 public:
  // By cohort order, then id.
  using Ordered = std::set<std::pair<std::uint64_t, std::string>>;

  // `salt` orders the devices: the rollout's id.
  explicit MemberIndex(std::string salt) : salt_(std::move(salt)) {}

  // The row as it is now; Remove takes it as it was when it was added.
  void Add(const v1::RolloutDevice& device);
  void Remove(const v1::RolloutDevice& device);

  // Pending and, as far as is known, able to start.
  const Ordered& ready(Lane lane) const { return Of(lane).ready; }
  const Ordered& parked(Lane lane) const { return Of(lane).parked; }
  // Offered or busy.
  const Ordered& busy(Lane lane) const { return Of(lane).busy; }
  std::size_t Open(Lane lane) const;
  std::uint32_t SiteBusy(const std::string& site) const;

  // Devices whose delivery failed and is to be tried again, by the time of that.
  const std::set<std::pair<Time, std::string>>& retries() const { return retries_; }

  // Ready devices that wait for the device itself (it cannot be reached, or is held) or for a place
  // at its site. No-ops for devices that are not ready.
  void Park(const v1::RolloutDevice& device);
  void ParkForSite(const v1::RolloutDevice& device);
  // Back to ready. False: it was not parked.
  bool Wake(const v1::RolloutDevice& device);
  void WakeAll();
  // The next device that waits for a place at the site, empty when none does; it is forgotten here
  // and still has to be woken.
  std::string TakeWaiting(const std::string& site);

  // Computed once per device.
  std::uint64_t OrderOf(const std::string& device_id);

 private:
  struct LaneIndex {
    Ordered ready;
    Ordered parked;
    Ordered busy;
  };
  LaneIndex& Of(Lane lane) { return lanes_[lane == Lane::kQuorum ? 0 : 1]; }
  const LaneIndex& Of(Lane lane) const { return lanes_[lane == Lane::kQuorum ? 0 : 1]; }

  std::string salt_;
  LaneIndex lanes_[2];
  std::unordered_map<std::string, std::uint64_t> orders_;
  std::unordered_map<std::string, std::uint32_t> site_busy_;
  std::map<std::string, std::set<std::string>> site_waiting_;
  std::set<std::pair<Time, std::string>> retries_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_MEMBER_INDEX_H_
