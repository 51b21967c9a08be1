// One rollout of a modelled fleet on a virtual clock: the real rollout book plans and judges it.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIMULATION_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIMULATION_H_

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/sim/sim_model.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

enum class SimEnd { kCompleted, kPaused, kAborted, kUnfinished };

struct SimResult {
  SimEnd end = SimEnd::kUnfinished;
  // What ended it, the same text for the same cause: "passed", "SPRT in wave canary", "INCONCLUSIVE
  // in wave canary".
  std::string cause;
  // Devices that took up the release, and those that still ran it at the end.
  std::uint32_t exposed = 0;
  std::uint32_t running = 0;
  Duration took;
  // Calls of the rollout book for reports.
  std::uint64_t reports = 0;
  // As it stood at the end; `why` is its evidence.
  v1::Rollout rollout;
};

// Manual gates are opened as soon as they are reached; every other pause that does not end by
// itself ends the simulation. The fleet starts on the line's baseline. INVALID_ARGUMENT: model or
// spec.
StatusOr<SimResult> Simulate(const SimModel& model, const v1::RolloutSpec& spec, Random& random);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIMULATION_H_
