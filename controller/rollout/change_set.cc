#include "controller/rollout/change_set.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

namespace {

template <typename T>
void SortUnique(std::vector<T>& noted) {
  std::sort(noted.begin(), noted.end());
  noted.erase(std::unique(noted.begin(), noted.end()), noted.end());
}

}  // namespace

void ChangeSet::NoteDevice(const RolloutRun& run, const std::string& device_id) {
  NoteRollout(run);
  devices_.emplace_back(&run, device_id);
}

RolloutChange ChangeSet::Take() && {
  RolloutChange change;
  SortUnique(devices_);
  change.devices.reserve(devices_.size());
  change.touched_devices = std::move(touched_);
  for (const RolloutRun* run : rollouts_) {
    change.rollouts.push_back(run->row());
  }
  for (const auto& [run, device_id] : devices_) {
    change.devices.push_back(*run->FindDevice(device_id));
    change.touched_devices.push_back(device_id);
  }
  SortUnique(change.touched_devices);
  for (const auto& [line, baseline] : baselines_) {
    change.baselines.push_back(baseline);
  }
  for (const auto& [key, policy] : policies_) {
    change.policies.push_back(policy);
  }
  return change;
}

}  // namespace flotilla::rollout
