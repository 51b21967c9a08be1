#include "controller/rollout/change_set.h"

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

void ChangeSet::NoteDevice(const RolloutRun& run, const std::string& device_id) {
  NoteRollout(run);
  devices_.emplace(&run, device_id);
  NoteTouched(device_id);
}

RolloutChange ChangeSet::Take() const {
  RolloutChange change;
  for (const RolloutRun* run : rollouts_) {
    change.rollouts.push_back(run->row());
  }
  for (const auto& [run, device_id] : devices_) {
    change.devices.push_back(*run->FindDevice(device_id));
  }
  for (const auto& [line, baseline] : baselines_) {
    change.baselines.push_back(baseline);
  }
  for (const auto& [key, policy] : policies_) {
    change.policies.push_back(policy);
  }
  change.touched_devices.assign(touched_.begin(), touched_.end());
  return change;
}

}  // namespace flotilla::rollout
