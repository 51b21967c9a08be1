#ifndef FLOTILLA_FLEETCTL_SIM_SIM_BATCH_H_
#define FLOTILLA_FLEETCTL_SIM_SIM_BATCH_H_

#include <cstdint>
#include <functional>
#include <string>

#include "flotilla/v1/rollout.pb.h"

#include "base/status.h"
#include "controller/rollout/calibration.h"
#include "controller/rollout/sim/sim_model.h"
#include "controller/rollout/sim/sim_summary.h"

namespace flotilla::fleetctl {

struct SimBatch {
  rollout::SimModel model;
  v1::RolloutSpec spec;
  std::uint32_t runs = 100;
  std::uint64_t seed = 1;
  // Threads; at least 1.
  unsigned jobs = 1;
};

// Runs done so far. Called on any of the threads, one call at a time.
using SimProgress = std::function<void(std::uint32_t done)>;

// Blocking, on threads of its own. The answer is the same for the same seed, whatever the number of
// threads: each run draws from its own seed. INVALID_ARGUMENT: model or spec.
StatusOr<rollout::SimSummary> RunBatch(const SimBatch& batch, const SimProgress& progress);

// What an A/A rollout of this fleet would teach: the same spec and model, a release without
// failures of its own and a judge that lets it end. Errors: rollout::Calibrate.
StatusOr<rollout::Calibration> CalibrateBatch(const SimBatch& batch);

// Waves of 1, 5, 20 and 50 % (at least 100 devices each) and the rest, `in_flight` devices at a
// time in each of them, the first included (0: 50, or 0.5 % of the fleet), gates auto.
v1::RolloutSpec DefaultSimSpec(std::uint32_t devices, std::uint32_t in_flight, Duration soak);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_SIM_SIM_BATCH_H_
