#ifndef FLOTILLA_CONTROLLER_ROLLOUT_CHANGE_SET_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_CHANGE_SET_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "controller/rollout/fleet_view.h"
#include "controller/rollout/policies.h"
#include "controller/rollout/rollout_change.h"

namespace flotilla::rollout {

class RolloutRun;

// Notes which rows one call of the book changes; the rows themselves are copied once, at the end.
class ChangeSet {
 public:
  void NoteRollout(const RolloutRun& run) { rollouts_.insert(&run); }
  // The device's row, its rollout (whose counters move with it) and its desired state.
  void NoteDevice(const RolloutRun& run, const std::string& device_id);
  void NoteTouched(const std::string& device_id) { touched_.push_back(device_id); }
  void NoteBaseline(const LineBaseline& baseline) { baselines_[baseline.line] = baseline; }
  void NotePolicy(const v1::Policy& policy) { policies_[KeyOf(policy)] = policy; }

  // Sorted, each row once.
  RolloutChange Take() &&;

 private:
  std::set<const RolloutRun*> rollouts_;
  // A wave is thousands of them: as they came, and sorted once.
  std::vector<std::pair<const RolloutRun*, std::string>> devices_;
  std::map<std::string, LineBaseline> baselines_;
  std::map<std::string, v1::Policy> policies_;
  std::vector<std::string> touched_;
};

// What one call of the book works with.
struct Turn {
  const FleetView& fleet;
  ChangeSet& changes;
  const Policies& policies;
  Time now;
  // The device is told what another rollout of the line asks of it; empty: there is none.
  std::function<bool(const RolloutRun& run, const v1::Device& device)> has_moved_on = {};
};

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_CHANGE_SET_H_
