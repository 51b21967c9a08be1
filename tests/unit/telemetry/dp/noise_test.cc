#include "telemetry/dp/noise.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::dp {
namespace {

NoisePolicy Laplace(std::uint64_t n, std::uint64_t d) {
  return {Mechanism::kDiscreteLaplace, {n, d}, 1};
}
NoisePolicy Gaussian(std::uint64_t n, std::uint64_t d) {
  return {Mechanism::kDiscreteGaussian, {n, d}, 1};
}

double SampleVariance(const std::vector<std::int64_t>& values) {
  double squares = 0;
  for (const std::int64_t value : values) {
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  return squares / static_cast<double>(values.size());
}

TEST(NoisePolicy, RefusesParametersThatProtectNothingOrDrownAll) {
  for (const NoisePolicy& good :
       {Laplace(1, 1), Laplace(8, 1), Laplace(1, 1000), Gaussian(1, 1), Gaussian(1'000'000, 1)}) {
    EXPECT_TRUE(CheckPolicy(good).ok());
  }
  for (const NoisePolicy& bad :
       {NoisePolicy{}, Laplace(0, 1), Laplace(1, 0), Laplace(9, 1), Laplace(1, 1001),
        Laplace(2'000'000'000, 2'000'000'000), Gaussian(0, 1), Gaussian(999, 1000),
        Gaussian(1'000'001, 1), NoisePolicy{static_cast<Mechanism>(3), {1, 1}, 1},
        NoisePolicy{Mechanism::kDiscreteLaplace, {1, 1}, 0},
        NoisePolicy{Mechanism::kDiscreteLaplace, {1, 1}, 17}}) {
    SeededRandom random(1);
    EXPECT_EQ(CheckPolicy(bad).code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(DrawNoise(bad, 5, random).status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(DrawNoise, GivesEachBucketAValueOfItsOwn) {
  SeededRandom random(1);
  const std::vector<std::int64_t> noise = DrawNoise(Gaussian(1000, 1), 24, random).value();
  ASSERT_EQ(noise.size(), 24U);
  EXPECT_NE(noise.front(), noise.back());
  EXPECT_NE(noise, DrawNoise(Gaussian(1000, 1), 24, random).value());
  EXPECT_TRUE(DrawNoise(Gaussian(1000, 1), 0, random).value().empty());
}

TEST(DrawNoise, HasTheVarianceThatPlansCountOn) {
  SeededRandom random(2);
  for (const NoisePolicy& policy :
       {Laplace(1, 1), Laplace(1, 2), Laplace(8, 1), Gaussian(20, 1), Gaussian(50, 1)}) {
    const double want = NoiseVariance(policy);
    EXPECT_NEAR(SampleVariance(DrawNoise(policy, 20'000, random).value()) / want, 1, 0.08);
  }
}

TEST(DrawNoise, LaplaceHasTheScaleOfAVoteThatMoves) {
  // b = 2 / epsilon; the variance is close to that of the continuous one, 2 b^2.
  EXPECT_NEAR(NoiseVariance(Laplace(1, 1)), 8, 0.2);
  EXPECT_NEAR(NoiseVariance(Laplace(1, 2)), 32, 0.2);
  EXPECT_EQ(NoiseVariance(Gaussian(20, 1)), 400);
}

}  // namespace
}  // namespace flotilla::dp
