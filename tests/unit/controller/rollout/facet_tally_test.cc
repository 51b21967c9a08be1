#include "controller/rollout/facet_tally.h"

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

const Facet kOld = {"hardware", "old"};
const Facet kFine = {"hardware", "fine"};

TEST(HypergeometricTail, IsWhatCountingGives) {
  // Both of 2 failures among 2 of 4 devices: 1 of 6 ways.
  EXPECT_NEAR(HypergeometricTail(2, 2, 2, 4), 1.0 / 6, 1e-12);
  EXPECT_NEAR(HypergeometricTail(1, 2, 2, 4), 5.0 / 6, 1e-12);
  EXPECT_NEAR(HypergeometricTail(0, 2, 2, 4), 1, 1e-12);
  // More failures than the others could take: some must fall here.
  EXPECT_NEAR(HypergeometricTail(1, 3, 2, 4), 1, 1e-12);
}

TEST(FacetTally, FindsTheKindOfDeviceThatFails) {
  FacetTally tally;
  for (int i = 0; i < 60; ++i) {
    tally.Add({kFine}, 1, i == 0 ? 1 : 0);
  }
  for (int i = 0; i < 6; ++i) {
    tally.Add({kOld}, 1, i < 4 ? 1 : 0);
  }
  const auto cluster = tally.WorstOf({kFine, kOld});
  ASSERT_TRUE(cluster.has_value());
  EXPECT_EQ(cluster->facet, kOld);
  EXPECT_EQ(cluster->count.failed, 4U);
  EXPECT_EQ(cluster->count.tried, 6U);
  EXPECT_FALSE(tally.WorstOf({kFine}).has_value());
}

TEST(FacetTally, CallsNothingAClusterThatIsTheRelease) {
  FacetTally tally;
  for (int i = 0; i < 60; ++i) {
    tally.Add({i % 2 == 0 ? kFine : kOld}, 1, i % 3 == 0 ? 1 : 0);
  }
  EXPECT_FALSE(tally.WorstOf({kFine, kOld}).has_value());
  FacetTally most;
  for (int i = 0; i < 60; ++i) {
    most.Add({i < 50 ? kFine : kOld}, 1, i < 30 ? 1 : 0);
  }
  EXPECT_FALSE(most.WorstOf({kFine, kOld}).has_value()) << "most devices are no stratum";
}

TEST(FacetTally, NeedsThreeFailures) {
  FacetTally tally;
  for (int i = 0; i < 200; ++i) {
    tally.Add({i < 2 ? kOld : kFine}, 1, i < 2 ? 1 : 0);
  }
  EXPECT_FALSE(tally.WorstOf({kOld}).has_value());
  tally.Add({kOld}, 1, 1);
  EXPECT_TRUE(tally.WorstOf({kOld}).has_value());
}

TEST(FacetTally, TakesBack) {
  FacetTally tally;
  for (int i = 0; i < 60; ++i) {
    tally.Add({i < 4 ? kOld : kFine}, 1, i < 4 ? 1 : 0);
  }
  ASSERT_TRUE(tally.WorstOf({kOld}).has_value());
  tally.Add({kOld}, 0, -1);
  tally.Add({kOld}, 0, -1);
  EXPECT_FALSE(tally.WorstOf({kOld}).has_value());
}

}  // namespace
}  // namespace flotilla::rollout
