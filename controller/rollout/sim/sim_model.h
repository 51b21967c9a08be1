#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_MODEL_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time.h"

namespace flotilla::rollout {

// Something that cuts devices off for a while.
struct SimOutage {
  enum class Kind { kNetwork, kSites, kSource };
  Kind kind = Kind::kNetwork;
  // kSites: so many sites.
  std::uint32_t sites = 0;
  // From the start of the rollout.
  Duration start;
  Duration length;
};

// "network@2h+1h", "source@1h+30m" (no artifact can be fetched), "3sites@2h+1h". INVALID_ARGUMENT.
StatusOr<SimOutage> ParseOutage(std::string_view text);

// What a simulated fleet is like. Rates are probabilities per attempt.
struct SimModel {
  std::uint32_t devices = 10'000;
  // Devices are spread evenly over so many sites; 0: no device names a site.
  std::uint32_t sites = 200;

  // The release itself fails its trial on a device.
  double release_failures = 0;
  // The same on devices of the hardware class "bad", which are this share of the fleet.
  double bad_class_share = 0;
  double bad_class_failures = 0;
  // Share of the failures that show only after the device had confirmed, within two hours.
  double late = 0;
  // The artifact does not arrive.
  double delivery_failures = 0;

  // Trouble that any release would meet: it fails an attempt like a bad release does.
  double background = 0;
  // The share of that trouble that comes in episodes of a site, in which every second attempt
  // fails.
  double background_by_site = 1;
  Duration episode = absl::Hours(1);

  // Share of devices that are offline at any moment, and how long a device is away on average.
  double offline = 0;
  Duration away = absl::Hours(8);

  // Median time to fetch a release; slow links take `slow_factor` times as long.
  Duration download = absl::Minutes(5);
  double slow_share = 0;
  double slow_factor = 20;
  // From activation to confirm.
  Duration trial = absl::Minutes(10);

  std::vector<SimOutage> outages;
  // A rollout that has not ended by then is given up.
  Duration horizon = absl::Hours(60 * 24);
};

// INVALID_ARGUMENT names what is out of range.
Status CheckModel(const SimModel& model);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_MODEL_H_
