// Between the private gate of a wave and the tasks of private health. Pure.
#ifndef FLOTILLA_CONTROLLER_HEALTH_GUARD_TASKS_H_
#define FLOTILLA_CONTROLLER_HEALTH_GUARD_TASKS_H_

#include <optional>

#include "base/status.h"
#include "base/time.h"
#include "controller/health/health_board.h"
#include "controller/health/task_draft.h"
#include "controller/rollout/guard_status.h"

namespace flotilla::controller {

// The task of one arm: gate_verdict of its release, of the devices drawn for it. `begin`: of the
// other arm's first window, when that task is there. INVALID_ARGUMENT: a release without a digest.
StatusOr<TaskAsk> AskOfArm(const rollout::GuardOrder& order, dap::Arm arm,
                           std::optional<Time> begin);

// nullptr: no task of the arm is there. Valid as long as the picture.
const v1::HealthResult* FindArm(const HealthPicture& picture, const rollout::GuardOrder& order,
                                v1::HealthArm arm);

// What the board shows of an order. A look is a window that was collected in both arms; a window
// that was not says why in `trouble`.
rollout::GuardStatus StatusOfOrder(const HealthPicture& picture, const rollout::GuardOrder& order);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_GUARD_TASKS_H_
