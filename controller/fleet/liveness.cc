#include "controller/fleet/liveness.h"

namespace flotilla::controller {
namespace {

constexpr int kOnlineIntervals = 2;
constexpr int kLateIntervals = 10;
constexpr Duration kStaleAfter = absl::Hours(24 * 30);
constexpr Duration kArchivedAfter = absl::Hours(24 * 180);

}  // namespace

v1::Liveness LivenessOf(Duration silent, Duration heartbeat_interval) {
  if (silent < kOnlineIntervals * heartbeat_interval) {
    return v1::LIVENESS_ONLINE;
  }
  if (silent <= kLateIntervals * heartbeat_interval) {
    return v1::LIVENESS_LATE;
  }
  if (silent <= kStaleAfter) {
    return v1::LIVENESS_OFFLINE;
  }
  return silent <= kArchivedAfter ? v1::LIVENESS_STALE : v1::LIVENESS_ARCHIVED;
}

Duration OwnSleep(Duration since_last_look, Duration period, Duration heartbeat_interval) {
  const Duration late = since_last_look - period;
  return late > heartbeat_interval / 2 ? late : absl::ZeroDuration();
}

}  // namespace flotilla::controller
