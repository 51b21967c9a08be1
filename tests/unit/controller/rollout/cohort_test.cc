#include "controller/rollout/cohort.h"

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

// Known answers, computed apart from this code from the formula of the design.
TEST(Cohort, IsTheFirstEightBytesOfTheTaggedDigest) {
  EXPECT_EQ(CohortHash("pump-2.0.0", "dev-01"), 5161012442374667701U);
  EXPECT_EQ(CohortHash("pump-2.0.0", "dev-02"), 16032279341576104516U);
  EXPECT_EQ(CohortHash("", "a"), 1864421898253477714U);
}

TEST(Cohort, BucketIsTheHashModuloTenThousand) {
  EXPECT_EQ(CohortBucket("pump-2.0.0", "dev-01"), 7701U);
  EXPECT_EQ(CohortBucket("pump-2.0.0", "dev-02"), 4516U);
  EXPECT_EQ(CohortBucket("", "a"), 7714U);
}

TEST(Cohort, SpreadsDevicesEvenly) {
  int below = 0;
  for (int i = 0; i < 10'000; ++i) {
    below += CohortBucket("salt", "device-" + std::to_string(i)) < 500 ? 1 : 0;
  }
  EXPECT_GT(below, 420);
  EXPECT_LT(below, 580);
}

}  // namespace
}  // namespace flotilla::rollout
