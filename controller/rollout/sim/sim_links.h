#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_LINKS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_LINKS_H_

#include <cstdint>
#include <vector>

#include "controller/rollout/sim/sim_draws.h"
#include "controller/rollout/sim/sim_events.h"
#include "controller/rollout/sim/sim_fleet.h"
#include "controller/rollout/sim/sim_model.h"

namespace flotilla::rollout {

// Which devices of a simulation are connected: each comes and goes by itself, and outages cut many
// off at once. The fleet shows a device as offline ten minutes after it was cut off.
class SimLinks {
 public:
  // All must outlive it.
  SimLinks(const SimModel& model, SimFleet& fleet, SimDraws& draws, SimEvents& events);

  // Draws who is away at `start` and plans who leaves when, and the outages.
  void Begin(Time start);

  bool Connected(std::uint32_t device) const {
    return !links_[device].away && links_[device].cuts == 0;
  }
  bool SourceUp() const { return source_cuts_ == 0; }

  // Takes an event about links. Devices that are connected again, and devices that the fleet shows
  // differently now.
  struct Moved {
    std::vector<std::uint32_t> back;
    std::vector<std::uint32_t> shown;
  };
  Moved Handle(const SimEvent& event);

 private:
  struct Link {
    bool away = false;
    bool shown_offline = false;
    std::uint32_t cuts = 0;
    // Counts the times it was cut off.
    std::uint32_t spell = 0;
  };
  void Change(std::uint32_t device, bool away, std::int32_t cuts, Time now, Moved& moved);
  void Cut(const SimOutage& outage, std::int32_t by, Time now, Moved& moved);

  const SimModel& model_;
  SimFleet& fleet_;
  SimDraws& draws_;
  SimEvents& events_;
  std::vector<Link> links_;
  std::uint32_t source_cuts_ = 0;
  Duration present_;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_LINKS_H_
