#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_TROUBLE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_TROUBLE_H_

#include <cstdint>
#include <vector>

#include "controller/rollout/sim/sim_draws.h"
#include "controller/rollout/sim/sim_model.h"

namespace flotilla::rollout {

// The background trouble of a fleet: a part that hits any attempt, and a part that comes in
// episodes of a site. Over all devices and times it fails the share of attempts that the model
// names.
class SimTrouble {
 public:
  // Both must outlive it.
  SimTrouble(const SimModel& model, SimDraws& draws);

  // Whether an attempt at this site fails now. Times of one site must not fall.
  bool Strikes(std::uint32_t site, Time now);

 private:
  struct Episode {
    Time start;
    Time end;
  };
  bool InEpisode(std::uint32_t site, Time now);

  const SimModel& model_;
  SimDraws& draws_;
  double alone_ = 0;
  // Mean time between two episodes of a site.
  Duration gap_ = absl::InfiniteDuration();
  std::vector<Episode> next_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_TROUBLE_H_
