#ifndef FLOTILLA_CONTROLLER_FLEET_PROTO_TIME_H_
#define FLOTILLA_CONTROLLER_FLEET_PROTO_TIME_H_

#include <cstdint>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

#include "base/time.h"

namespace flotilla::controller {

inline google::protobuf::Timestamp ToProto(Time time) {
  google::protobuf::Timestamp out;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

inline Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

inline google::protobuf::Duration ToProto(Duration duration) {
  google::protobuf::Duration out;
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
  return out;
}

inline Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_PROTO_TIME_H_
