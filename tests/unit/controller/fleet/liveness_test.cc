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

}  // namespace
}  // namespace flotilla::controller
