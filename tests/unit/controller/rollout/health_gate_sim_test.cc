// The promises of the gate, on drawn fleets with exact noise. Every bound below is the number of
// gates that a true rate of exactly what is promised exceeds with a probability of 1 in 1,000; the
// seeds are fixed. The whole: build/<preset>/bench/health_gate_sim.
#include "tests/bench/privacy/health_gate_sim.h"

#include <ostream>

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

constexpr std::uint32_t kRuns = 2'000;
constexpr double kTail = 0.001;
constexpr double kFalseFails = 0.01;
constexpr double kMisses = 0.1;

struct Case {
  std::uint64_t arm;
  double regression;  // that it is to find
  double base_rate = 0.03;
  double no_data = 0;
  double carry = 0.5;
  std::uint32_t looks = 2;
};

std::ostream& operator<<(std::ostream& out, const Case& which) {
  return out << which.arm << " devices, " << which.regression;
}

HealthGatePolicy PolicyOf(const Case& which) {
  HealthGatePolicy policy;
  policy.regression = which.regression;
  policy.base_rate = which.base_rate;
  policy.noise.looks = which.looks;
  return policy;
}

GateTruth TruthOf(const Case& which, double regression) {
  GateTruth truth;
  truth.canary = truth.control = which.arm;
  truth.base_rate = which.base_rate;
  truth.regression = regression;
  truth.no_data = which.no_data;
  truth.carry = which.carry;
  truth.noise = PolicyOf(which).noise;
  return truth;
}

class HealthGateSim : public ::testing::TestWithParam<Case> {};

TEST_P(HealthGateSim, FailsAnEqualReleaseInAtMostOnePercentOfALook) {
  const GateTally tally = *PlayGates(PolicyOf(GetParam()), TruthOf(GetParam(), 0), kRuns, 11);
  EXPECT_LE(tally.first_fails, BinomialBound(kRuns, kFalseFails, kTail));
  EXPECT_LE(tally.second_fails, BinomialBound(kRuns, kFalseFails, kTail));
}

TEST_P(HealthGateSim, MissesAtMostATenthOfWhatThePlanSaysIsFound) {
  const GateTally tally =
      *PlayGates(PolicyOf(GetParam()), TruthOf(GetParam(), GetParam().regression), kRuns, 12);
  EXPECT_EQ(tally.smoke_only, 0U);
  EXPECT_LE(kRuns - tally.fails(), BinomialBound(kRuns, kMisses, kTail));
}

// 3 -> 8 % at 910 devices an arm is the promise; the others lie at the edge of what is found.
INSTANTIATE_TEST_SUITE_P(
    Arms, HealthGateSim,
    ::testing::Values(Case{910, 0.05}, Case{.arm = 910, .regression = 0.05, .looks = 1},
                      Case{.arm = 910, .regression = 0.05, .carry = 1}, Case{100, 0.27},
                      Case{250, 0.12}, Case{500, 0.07}, Case{5'000, 0.016}, Case{50'000, 0.005},
                      Case{.arm = 1'000, .regression = 0.06, .base_rate = 0.1},
                      Case{.arm = 1'000, .regression = 0.04, .base_rate = 0.005},
                      Case{.arm = 1'500, .regression = 0.06, .no_data = 0.2}));

TEST(HealthGateSimSmoke, AnswersHoldAlwaysWhereThePlanSaysThatNothingIsFound) {
  for (const std::uint64_t arm : {25U, 50U, 99U, 100U, 250U, 500U}) {
    const Case small{arm, 0.05};
    EXPECT_EQ(PlanGate(PolicyOf(small), {arm, arm}).use, GateUse::kSmokeOnly) << arm;
    for (const double regression : {0.0, 0.05, 0.5}) {
      const GateTally tally = *PlayGates(PolicyOf(small), TruthOf(small, regression), 100, 13);
      EXPECT_EQ(tally.smoke_only, tally.runs) << arm << " " << regression;
    }
  }
}

TEST(HealthGateSimMutants, AreFound) {
  const Case promised{910, 0.05};
  // A gate that believes in less noise than there is: epsilon 2 instead of 1/2.
  HealthGatePolicy blind = PolicyOf(promised);
  blind.noise.parameter = {2, 1};
  GateTruth noisy = TruthOf(promised, 0);
  noisy.noise.parameter = {1, 2};
  EXPECT_GT(PlayGates(blind, noisy, kRuns, 14)->first_fails,
            BinomialBound(kRuns, kFalseFails, kTail));
  // One that is asked for what it says it finds, of devices that are less worse than that.
  EXPECT_GT(kRuns - PlayGates(PolicyOf(promised), TruthOf(promised, 0.03), kRuns, 15)->fails(),
            BinomialBound(kRuns, kMisses, kTail));
}

TEST(HealthGateSimSeed, MakesTheSameGates) {
  const Case promised{910, 0.05};
  const auto play = [&](std::uint64_t seed) {
    const GateTally tally = *PlayGates(PolicyOf(promised), TruthOf(promised, 0.03), 300, seed);
    return std::pair(tally.fails(), tally.passes);
  };
  EXPECT_EQ(play(1), play(1));
  EXPECT_NE(play(1), play(2));
}

TEST(BinomialBound, IsTheQuantile) {
  EXPECT_EQ(BinomialBound(1, 0.5, 0.1), 1U);
  EXPECT_EQ(BinomialBound(10, 0.5, 0.4), 5U);  // P(> 5) = 0.377
  EXPECT_EQ(BinomialBound(10, 0.5, 0.37), 6U);
}

}  // namespace
}  // namespace flotilla::rollout
