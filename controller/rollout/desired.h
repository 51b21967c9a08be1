#ifndef FLOTILLA_CONTROLLER_ROLLOUT_DESIRED_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_DESIRED_H_

#include <string>

#include "controller/rollout/fleet_view.h"
#include "controller/rollout/rollout_change.h"
#include "controller/rollout/rollout_run.h"
#include "flotilla/v1/policy.pb.h"
#include "flotilla/v1/session.pb.h"

namespace flotilla::rollout {

// What one rollout says about one device.
struct Opinion {
  enum class Kind {
    // Nothing: ask the next older rollout, then the baseline.
    kNone,
    // The line is to stay as it is.
    kLeave,
    kAssign,
  };
  Kind kind = Kind::kNone;
  v1::Assignment assignment;
  // For "why": one clause.
  std::string why;
};

// Whether the rollout made what is the line's baseline now.
enum class Standing { kStable, kOther };
// `freeze`: one that holds the device; nullptr: none.
Opinion OpinionOf(const RolloutRun& run, const v1::Device& device, Standing standing,
                  const v1::Freeze* freeze);

// It was away, too far on, or held by another rollout when this one took its release back.
bool RunsWhatWasTakenBack(const RolloutRun& run, const v1::Device& device);

// What a pin asks for, over what the rollouts say; a rollout that asks for the same keeps its word.
Opinion PinOpinion(const v1::Pin& pin, Opinion otherwise);

// The baseline's rollout was meant for the device.
bool IsMeantFor(const LineBaseline& baseline, const v1::Device& device);
// The line's baseline for a device that no rollout has an opinion on; kNone when it is not meant.
Opinion BaselineOpinion(const LineBaseline& baseline, const v1::Device& device);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_DESIRED_H_
