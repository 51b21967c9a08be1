#include "tests/bench/privacy/audit.h"

#include <gtest/gtest.h>

#include "telemetry/dp/tier.h"
#include "tests/support/seeded_random.h"

namespace flotilla::dp {
namespace {

// A short version of the program dp_audit, with seeds.
TEST(DpAudit, FindsNoMoreThanTheClaimedEpsilonOfAGate) {
  SeededRandom random(1);
  const NoisePolicy policy = *PlanFor(100).gate;
  const AuditResult result = Audit(policy, ProductNoise(policy), 20'000, random);
  EXPECT_EQ(result.claimed, 1);
  EXPECT_FALSE(result.Refuted()) << result.measured;
  EXPECT_GT(result.measured, 0.8);  // the attack is a strong one: it finds nearly all there is
}

TEST(DpAudit, FindsHalfTheNoiseOfAGate) {
  SeededRandom random(2);
  const NoisePolicy policy = *PlanFor(100).gate;
  EXPECT_TRUE(Audit(policy, HalfTheNoise(policy), 20'000, random).Refuted());
}

TEST(DpAudit, FindsAGateThatWasPublishedWithoutNoise) {
  SeededRandom random(3);
  const NoisePolicy policy = *PlanFor(100).gate;
  const NoiseSource none = [](std::size_t buckets, Random&) {
    return std::vector<std::int64_t>(buckets);
  };
  EXPECT_GT(Audit(policy, none, 20'000, random).measured, 7);
}

TEST(DpAudit, TellsTheWeeklyNoiseFromHalfOfIt) {
  SeededRandom random(4);
  const NoisePolicy policy = PlanFor(10'000).histograms->policy;
  EXPECT_FALSE(Audit(policy, ProductNoise(policy), 40'000, random).Refuted());
  EXPECT_TRUE(Audit(policy, HalfTheNoise(policy), 40'000, random).Refuted());
}

}  // namespace
}  // namespace flotilla::dp
