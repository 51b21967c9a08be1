#include "controller/health/noise_interval.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::controller {
namespace {

using dp::Mechanism;
using dp::NoisePolicy;

// Share of draws of both aggregators' noise that lie in [-reach, reach].
double ShareWithin(const NoisePolicy& policy, double reach) {
  SeededRandom random(17);
  constexpr int kDraws = 4'000;
  int inside = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto one = *dp::DrawNoise(policy, 1, random);
    const auto two = *dp::DrawNoise(policy, 1, random);
    inside += std::abs(static_cast<double>(one[0] + two[0])) <= reach ? 1 : 0;
  }
  return static_cast<double>(inside) / kDraws;
}

TEST(NoiseInterval, HoldsTheNoiseOfBothAggregatorsInNineteenOfTwentyDraws) {
  for (const NoisePolicy& policy : {NoisePolicy{Mechanism::kDiscreteLaplace, {1, 1}, 2},
                                    NoisePolicy{Mechanism::kDiscreteLaplace, {1, 2}, 1},
                                    NoisePolicy{Mechanism::kDiscreteGaussian, {20, 1}, 1}}) {
    const double reach = Interval95(policy);
    EXPECT_GE(ShareWithin(policy, reach), 0.94);
    EXPECT_LE(ShareWithin(policy, reach - 2), 0.955);
  }
}

TEST(NoiseInterval, IsTheLeastWholeNumberForTheTiersPolicies) {
  EXPECT_EQ(Interval95({Mechanism::kDiscreteLaplace, {1, 1}, 2}), 8);
  EXPECT_EQ(Interval95({Mechanism::kDiscreteGaussian, {20, 1}, 1}), 56);
  EXPECT_EQ(Interval95({Mechanism::kDiscreteGaussian, {50, 1}, 1}), 139);
}

}  // namespace
}  // namespace flotilla::controller
