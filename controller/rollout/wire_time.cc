#include "controller/rollout/wire_time.h"

#include <cstdint>

namespace flotilla::rollout {
namespace {
constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
}  // namespace

google::protobuf::Timestamp ToWire(Time time) {
  const std::int64_t nanos = absl::ToUnixNanos(time);
  google::protobuf::Timestamp wire;
  wire.set_seconds(nanos / kNanosPerSecond);
  wire.set_nanos(static_cast<std::int32_t>(nanos % kNanosPerSecond));
  return wire;
}

Time FromWire(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

google::protobuf::Duration ToWire(Duration duration) {
  const std::int64_t nanos = absl::ToInt64Nanoseconds(duration);
  google::protobuf::Duration wire;
  wire.set_seconds(nanos / kNanosPerSecond);
  wire.set_nanos(static_cast<std::int32_t>(nanos % kNanosPerSecond));
  return wire;
}

Duration FromWire(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace flotilla::rollout
