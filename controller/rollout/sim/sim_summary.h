#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_SUMMARY_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "controller/rollout/sim/simulation.h"

namespace flotilla::rollout {

struct SimFigure {
  double mean = 0;
  double p95 = 0;
};

// What many runs of one simulation came to.
struct SimSummary {
  std::uint32_t runs = 0;
  // By SimEnd.
  std::map<SimEnd, std::uint32_t> ends;
  std::map<std::string, std::uint32_t> causes;
  // Devices.
  SimFigure exposed;
  // Hours.
  SimFigure took;
  std::uint64_t reports = 0;

  // Percent of the runs.
  double Share(SimEnd end) const;
};

SimSummary Summarise(const std::vector<SimResult>& results);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_SUMMARY_H_
