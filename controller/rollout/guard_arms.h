// Who is asked for a wave's private gate. Both arms are drawn anew for each wave, so that a device
// takes part in few: by CohortHash("guard/<rollout>/<wave>", device), smallest first. An arm is
// kept as the place of its last device, so membership is a function of rows and can be computed
// again anywhere. Pure.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_GUARD_ARMS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_GUARD_ARMS_H_

#include <cstdint>

#include "base/time.h"
#include "controller/rollout/fleet_view.h"
#include "controller/rollout/health_gate_plan.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

struct DrawnArm {
  std::uint64_t devices = 0;  // that can be reached now
  std::uint64_t limit = 0;    // place of the last of them
};

struct DrawnArms {
  DrawnArm canary;
  DrawnArm control;
};

// As many as find the regression and a fifth more, for those that will not report, or all there
// are. Canary: members of the wave that took the release up, those that gave it up included.
// Control: devices that match rollout and wave, run the baseline, and that no wave so far has.
DrawnArms DrawArms(const RolloutRun& run, std::uint32_t wave, const HealthGatePolicy& policy,
                   const FleetView& fleet);

// What DrawArms will find about, for a wave that has not begun.
GateArms ForecastArms(const RolloutRun& run, std::uint32_t wave, const HealthGatePolicy& policy,
                      const FleetView& fleet);

// Whether the arm drawn for the wave holds the device.
bool InCanaryArm(const RolloutRun& run, std::uint32_t wave, const v1::Device& device);
bool InControlArm(const RolloutRun& run, std::uint32_t wave, const v1::Device& device);

// Devices of both arms that were connected at or after `since`, when they were to report.
GateArms ConnectedArms(const RolloutRun& run, std::uint32_t wave, Time since,
                       const FleetView& fleet);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_GUARD_ARMS_H_
