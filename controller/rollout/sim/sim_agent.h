#ifndef FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_AGENT_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_AGENT_H_

#include <cstdint>
#include <optional>

#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/time.h"
#include "controller/rollout/sim/sim_draws.h"
#include "controller/rollout/sim/sim_model.h"

namespace flotilla::rollout {

// What befalls a device's attempt, as the simulation draws it.
struct SimFate {
  bool fails = false;
  // It shows only after the device had confirmed.
  bool late = false;
};

// One device of a simulation: what it does when it is told something, how long that takes, and what
// it reports then. Times and places are the simulation's.
class SimAgent {
 public:
  enum class Phase { kIdle, kOffered, kFetching, kTrial, kReturning };

  struct Said {
    v1::DeploymentState state = v1::DEPLOYMENT_STATE_UNSPECIFIED;
    v1::FailureReason reason = v1::FAILURE_REASON_UNSPECIFIED;
    // Of the baseline and not of the new release.
    bool of_baseline = false;
  };
  struct Told {
    // Absent: nothing is asked of the line.
    const v1::Assignment* assignment = nullptr;
    bool of_baseline = false;
  };

  Phase phase() const { return phase_; }
  bool runs_new() const { return runs_new_; }
  // It has taken up the release at some time.
  bool tried() const { return tried_; }
  std::uint32_t attempt() const { return attempt_; }
  // Work that was planned before is void when this has changed.
  std::uint32_t plan() const { return plan_; }

  // The desired state. How long until the next step, when there is one now.
  std::optional<Duration> Tell(const Told& told, SimDraws& draws);
  // The planned step is done. `said`: its report.
  std::optional<Duration> Step(bool delivered, const SimFate& fate, const SimModel& model,
                               double slowness, SimDraws& draws, Said& said);
  // A release that was confirmed goes bad. False: it does not run any more.
  bool GoBad();

 private:
  void Stop();

  Phase phase_ = Phase::kIdle;
  bool runs_new_ = false;
  bool tried_ = false;
  bool fails_ = false;
  // Of the attempt that it works on, or did.
  std::uint32_t attempt_ = 0;
  bool returned_ = false;
  std::uint32_t plan_ = 0;
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_SIM_SIM_AGENT_H_
