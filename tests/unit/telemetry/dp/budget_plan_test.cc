#include "telemetry/dp/budget_plan.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "telemetry/dp/cost.h"
#include "tests/support/seeded_random.h"

namespace flotilla::dp {
namespace {

constexpr std::uint64_t kArm = 910;  // tells 3 % from 8 % bad at 1 % false alarms, 10 % missed

BudgetOutcome Play(std::uint64_t devices, std::uint64_t arm, std::uint32_t looks,
                   std::uint32_t histograms) {
  SeededRandom random(1);
  BudgetScenario scenario;
  scenario.devices = devices;
  scenario.devices_per_arm = arm;
  scenario.looks = looks;
  scenario.histograms = histograms;
  const BudgetOutcome outcome = PlayBudget(scenario, random).value();
  EXPECT_EQ(outcome.verdicts + outcome.held, 13U);
  EXPECT_LE(outcome.most_spent_epsilon, 8);
  return outcome;
}

TEST(BudgetPlan, AFleetThatIsSmallerThanItsArmsHoldsEveryGate) {
  EXPECT_EQ(Play(500, kArm, 1, 0).verdicts, 0U);
  EXPECT_EQ(Play(500, kArm, 1, 0).most_spent_epsilon, 0);
  EXPECT_EQ(Play(99, 100, 1, 0).verdicts, 0U);
}

TEST(BudgetPlan, EveryDeviceInEveryGateLastsEightLooks) {
  EXPECT_EQ(Play(500, 250, 1, 0).verdicts, 8U);
  EXPECT_EQ(Play(500, 250, 2, 0).verdicts, 4U);
  EXPECT_DOUBLE_EQ(Play(500, 250, 2, 0).mean_spent_epsilon, 8);
}

TEST(BudgetPlan, SmallArmsOfASmallFleetLastForEveryRelease) {
  EXPECT_EQ(Play(500, 100, 1, 0).verdicts, 13U);
  EXPECT_GE(Play(500, 100, 2, 0).verdicts, 8U);
}

TEST(BudgetPlan, FiveThousandDevicesPayForAllGatesOrForTheMonthlyHistograms) {
  EXPECT_EQ(Play(5'000, kArm, 1, 0).verdicts, 13U);
  EXPECT_GE(Play(5'000, kArm, 2, 0).verdicts, 9U);
  EXPECT_DOUBLE_EQ(Play(5'000, kArm, 1, 4).reserved_epsilon, 6);  // 3 windows of 4 at 1/2
  EXPECT_EQ(Play(5'000, kArm, 1, 4).verdicts, 5U);
  EXPECT_EQ(Play(5'000, kArm, 2, 4).verdicts, 2U);
}

TEST(BudgetPlan, FiftyThousandDevicesPayForAllGatesAndAllWeeklyHistograms) {
  const BudgetOutcome outcome = Play(50'000, kArm, 2, 10);
  EXPECT_EQ(outcome.verdicts, 13U);
  EXPECT_NEAR(outcome.reserved_epsilon, EpsilonOfZcdp(13 * 10 / 400.0, kDelta), 1e-6);
}

TEST(BudgetPlan, HistogramsThatLeaveNothingHoldEveryGate) {
  const BudgetOutcome outcome = Play(50'000, kArm, 1, 32);  // 13 windows at sigma 20: rho 1.04
  EXPECT_GT(outcome.reserved_epsilon, 7);
  EXPECT_EQ(outcome.verdicts, 0U);
}

TEST(BudgetPlan, BudgetComesBackAfterNinetyDays) {
  SeededRandom random(1);
  BudgetScenario scenario;
  scenario.devices = 500;
  scenario.devices_per_arm = 250;
  scenario.looks = 2;
  scenario.releases = 52;
  EXPECT_EQ(PlayBudget(scenario, random).value().verdicts, 16U);  // four in each 13 weeks
}

TEST(BudgetPlan, RefusesWhatTheTierDoesNotAllow) {
  SeededRandom random(1);
  const auto code = [&random](std::uint64_t devices, std::uint64_t arm, std::uint32_t looks,
                              std::uint32_t histograms) {
    BudgetScenario scenario;
    scenario.devices = devices;
    scenario.devices_per_arm = arm;
    scenario.looks = looks;
    scenario.histograms = histograms;
    return PlayBudget(scenario, random).status().code();
  };
  EXPECT_EQ(code(500, 99, 1, 0), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(500, 100, 0, 0), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(500, 100, 3, 0), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(500, 100, 1, 1), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(5'000, 100, 1, 5), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(5'000, 100, 1, 4), StatusCode::kOk);
  EXPECT_EQ(code(1'000'001, 100, 1, 0), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::dp
