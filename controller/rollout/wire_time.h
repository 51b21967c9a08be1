// Times and durations of messages as values of base/time.h.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WIRE_TIME_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WIRE_TIME_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include "base/time.h"

namespace flotilla::rollout {

google::protobuf::Timestamp ToWire(Time time);
Time FromWire(const google::protobuf::Timestamp& time);
google::protobuf::Duration ToWire(Duration duration);
Duration FromWire(const google::protobuf::Duration& duration);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WIRE_TIME_H_
