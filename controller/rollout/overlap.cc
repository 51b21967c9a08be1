#include "controller/rollout/overlap.h"

#include "controller/rollout/reach.h"

namespace flotilla::rollout {

bool Overlap(const RolloutRun& one, const RolloutRun& other, const FleetView& fleet) {
  if (one.spec().line() != other.spec().line()) {
    return false;
  }
  if (one.selector().matches_all() || other.selector().matches_all()) {
    return true;
  }
  bool common = false;
  fleet.ForEachDevice([&](const v1::Device& device) {
    common = common || (IsServed(device) && one.selector().Matches(device) &&
                        other.selector().Matches(device));
  });
  return common;
}

}  // namespace flotilla::rollout
