#include "controller/fleet/liveness.h"

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

TEST(Liveness, NamesTheSilence) {
  const Duration minute = absl::Seconds(60);
  EXPECT_EQ(LivenessOf(absl::Seconds(0), minute), v1::LIVENESS_ONLINE);
  EXPECT_EQ(LivenessOf(absl::Seconds(119), minute), v1::LIVENESS_ONLINE);
  EXPECT_EQ(LivenessOf(absl::Seconds(120), minute), v1::LIVENESS_LATE);
  EXPECT_EQ(LivenessOf(absl::Seconds(600), minute), v1::LIVENESS_LATE);
  EXPECT_EQ(LivenessOf(absl::Seconds(601), minute), v1::LIVENESS_OFFLINE);
  EXPECT_EQ(LivenessOf(absl::Hours(24 * 30), minute), v1::LIVENESS_OFFLINE);
  EXPECT_EQ(LivenessOf(absl::Hours(24 * 30 + 1), minute), v1::LIVENESS_STALE);
  EXPECT_EQ(LivenessOf(absl::Hours(24 * 181), minute), v1::LIVENESS_ARCHIVED);
}

TEST(Liveness, TheControllersOwnSleepIsNotTheDevicesSilence) {
  const Duration period = absl::Milliseconds(500);
  const Duration second = absl::Seconds(1);
  EXPECT_EQ(OwnSleep(period, period, second), absl::ZeroDuration());
  EXPECT_EQ(OwnSleep(absl::Milliseconds(900), period, second), absl::ZeroDuration());
  EXPECT_EQ(OwnSleep(absl::Seconds(12), period, second), absl::Milliseconds(11'500));
}

}  // namespace
}  // namespace flotilla::controller
