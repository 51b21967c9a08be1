#ifndef FLOTILLA_CONTROLLER_FLEET_LIVENESS_H_
#define FLOTILLA_CONTROLLER_FLEET_LIVENESS_H_

#include "flotilla/v1/device.pb.h"

#include "base/time.h"

namespace flotilla::controller {

// ONLINE: silent for less than 2 heartbeat intervals; LATE; OFFLINE: more than 10; STALE: more
// than 30 days; ARCHIVED: more than 180 days.
v1::Liveness LivenessOf(Duration silent, Duration heartbeat_interval);

// How long the controller itself did not look, though it should have every `period`: its process
// was starved or stopped. What devices said meanwhile still waits to be read, so that their silence
// is not theirs. Zero when it is little beside the interval.
Duration OwnSleep(Duration since_last_look, Duration period, Duration heartbeat_interval);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_LIVENESS_H_
