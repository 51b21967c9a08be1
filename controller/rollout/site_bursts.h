#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SITE_BURSTS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SITE_BURSTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace flotilla::rollout {

// One site's trouble is not the release's: quality failures of one site within one hour count once
// until a third site fails in that hour. Then all of that hour count. Costs O(log of the failures
// of an hour) each.
class SiteBursts {
 public:
  static constexpr Duration kWindow = absl::Hours(1);
  // So many sites failing are no site's trouble; fewer sites with the release can not tell.
  static constexpr std::uint32_t kManySites = 3;

  enum class Counts { kYes, kWithAnother };

  // A device failed. `sites_tried`: sites of the rollout with a device that has tried the release.
  // A failure without a site counts.
  Counts Note(const std::string& device_id, const std::string& site, std::uint32_t sites_tried,
              Time now);
  // The same for a failure that was judged before a restart; any order.
  void Load(const std::string& device_id, const std::string& site, Counts counts, Time at);
  // The failure was none.
  void Forget(const std::string& device_id);

  // Devices whose failures count by themselves since the last Note; each is told once.
  std::vector<std::string> TakeReleased();

 private:
  struct Failure {
    std::string site;
    Counts counts = Counts::kYes;
    Time at;
  };
  void Expire(Time now);
  void Drop(const std::string& device_id);

  // By device.
  std::map<std::string, Failure> failures_;
  std::set<std::pair<Time, std::string>> by_time_;
  // Failures in the window by site.
  std::map<std::string, std::uint32_t> sites_;
  std::set<std::string> with_another_;
  std::vector<std::string> released_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SITE_BURSTS_H_
