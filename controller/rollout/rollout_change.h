#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_CHANGE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_CHANGE_H_

#include <string>
#include <vector>

#include "flotilla/v1/policy.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/rollout.pb.h"

namespace flotilla::rollout {

// A line's `stable`: what devices run that no rollout asks for anything else.
struct LineBaseline {
  // Key. One baseline per line.
  std::string line;
  // Absent (empty version) when the baseline was taken away again.
  v1::ReleaseRef release;
  // Selector of the rollout that made it: devices outside are left alone. Empty: every device.
  std::string selector;
  // The rollout that made it.
  std::string rollout_id;
};

// What one call of the book changed: complete new rows, each at most once, to be committed in one
// transaction together with what caused them. `touched_devices` may have a new desired state.
struct RolloutChange {
  std::vector<v1::Rollout> rollouts;
  std::vector<v1::RolloutDevice> devices;
  std::vector<LineBaseline> baselines;
  std::vector<v1::Policy> policies;
  std::vector<std::string> touched_devices;

  bool empty() const {
    return rollouts.empty() && devices.empty() && baselines.empty() && policies.empty() &&
           touched_devices.empty();
  }
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_CHANGE_H_
