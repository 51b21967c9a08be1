#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_EDIT_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_EDIT_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Makes `wanted` the rollout's specification: a new revision, which waves and devices obey from now
// on. Only in-flight caps, rate, windows, soaks and max_extend may differ; a wave that soaks ends
// its soak by the new length. Answers what changed, a line each; empty: nothing did.
// INVALID_ARGUMENT names what may not change, or the field that is wrong.
StatusOr<std::vector<std::string>> EditSpec(RolloutRun& run, const v1::RolloutSpec& wanted,
                                            const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_EDIT_H_
