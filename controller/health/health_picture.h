// The leader's tasks as everybody may read them.
#ifndef FLOTILLA_CONTROLLER_HEALTH_HEALTH_PICTURE_H_
#define FLOTILLA_CONTROLLER_HEALTH_HEALTH_PICTURE_H_

#include "base/bytes.h"
#include "base/time.h"
#include "controller/health/health_board.h"
#include "controller/health/leader_keys.h"
#include "controller/health/live_task.h"

namespace flotilla::controller {

// Offers are the newest 64 tasks that a device may still have a report for; windows that have not
// begun are shown for tasks alone that have none that did. Pure.
HealthPicture MakeHealthPicture(const LiveTasks& tasks, const LeaderKeys& keys,
                                const Bytes& helper_configs, Time now);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_HEALTH_PICTURE_H_
