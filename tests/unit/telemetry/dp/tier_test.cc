#include "telemetry/dp/tier.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace flotilla::dp {
namespace {

const NoisePolicy kGate = {Mechanism::kDiscreteLaplace, {1, 1}, 2};

TEST(Tier, CollectsNothingBelowAHundredDevices) {
  for (const std::uint64_t devices : {0U, 1U, 99U}) {
    EXPECT_FALSE(PlanFor(devices).gate.has_value());
    EXPECT_FALSE(PlanFor(devices).histograms.has_value());
  }
}

TEST(Tier, JudgesReleasesFromAHundredOn) {
  for (const std::uint64_t devices : {100U, 999U}) {
    EXPECT_EQ(PlanFor(devices).gate, kGate);
    EXPECT_FALSE(PlanFor(devices).histograms.has_value());
  }
  EXPECT_EQ(PlanFor(1'000'000).gate, kGate);
}

TEST(Tier, TakesFourHistogramsAMonthFromAThousandOn) {
  for (const std::uint64_t devices : {1'000U, 9'999U}) {
    const auto plan = PlanFor(devices).histograms;
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->choice, HistogramChoice::kOperatorsFour);
    EXPECT_EQ(plan->period, absl::Hours(24 * 30));
    EXPECT_EQ(plan->policy, (NoisePolicy{Mechanism::kDiscreteLaplace, {1, 2}, 1}));
  }
}

TEST(Tier, TakesAllWeeklyFromTenThousandOnWithMoreNoiseWhereMoreCount) {
  const auto sigma = [](std::uint64_t devices) {
    const auto plan = PlanFor(devices).histograms;
    EXPECT_EQ(plan->choice, HistogramChoice::kAll);
    EXPECT_EQ(plan->period, absl::Hours(24 * 7));
    EXPECT_EQ(plan->policy.mechanism, Mechanism::kDiscreteGaussian);
    return plan->policy.parameter.numerator;
  };
  EXPECT_EQ(sigma(10'000), 20U);
  EXPECT_EQ(sigma(99'999), 20U);
  EXPECT_EQ(sigma(100'000), 50U);
  EXPECT_EQ(sigma(10'000'000), 50U);
}

TEST(Tier, EveryPolicyIsAllowed) {
  for (const std::uint64_t devices : {100U, 1'000U, 10'000U, 100'000U}) {
    EXPECT_TRUE(CheckPolicy(*PlanFor(devices).gate).ok());
    const auto plan = PlanFor(devices).histograms;
    EXPECT_TRUE(!plan.has_value() || CheckPolicy(plan->policy).ok());
  }
}

}  // namespace
}  // namespace flotilla::dp
