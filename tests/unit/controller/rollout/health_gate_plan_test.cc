#include "controller/rollout/health_gate_plan.h"

#include <cmath>

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

TEST(HealthGatePlan, NineHundredAndTenDevicesPerArmTellThreePercentFromEight) {
  for (const std::uint32_t looks : {1U, 2U}) {
    HealthGatePolicy policy;
    policy.noise.looks = looks;
    EXPECT_LE(DevicesPerArm(policy).value_or(0), 910U) << looks;
    EXPECT_EQ(PlanGate(policy, {910, 910}).use, GateUse::kJudges) << looks;
  }
}

TEST(HealthGatePlan, DevicesPerArmIsTheFewestThatFindIt) {
  HealthGatePolicy policy;
  for (const double regression : {0.02, 0.05, 0.1, 0.2}) {
    policy.regression = regression;
    const std::uint64_t devices = DevicesPerArm(policy).value_or(0);
    ASSERT_GT(devices, kLeastGateArm) << regression;
    EXPECT_LE(*SmallestRegression(policy, {devices, devices}), regression + 1e-9);
    EXPECT_GT(*SmallestRegression(policy, {devices - 1, devices - 1}), regression);
  }
}

TEST(HealthGatePlan, MoreDevicesLessNoiseAndAnotherLookFindMore) {
  HealthGatePolicy policy;
  double before = 1;
  for (const std::uint64_t devices : {100U, 250U, 1'000U, 10'000U, 50'000U}) {
    const double now = *SmallestRegression(policy, {devices, devices});
    EXPECT_LT(now, before) << devices;
    before = now;
  }
  HealthGatePolicy noisier = policy;
  noisier.noise.parameter = {1, 2};
  EXPECT_GT(*SmallestRegression(noisier, {500, 500}), *SmallestRegression(policy, {500, 500}));
  HealthGatePolicy once = policy;
  once.noise.looks = 1;
  EXPECT_GT(*SmallestRegression(once, {200, 200}), *SmallestRegression(policy, {200, 200}));
}

TEST(HealthGatePlan, SaysSmokeOnlyAndWhatItWouldTake) {
  const GatePlan small = PlanGate({}, {250, 250});
  EXPECT_EQ(small.use, GateUse::kSmokeOnly);
  EXPECT_EQ(small.sentence.rfind("smoke only: finds no less than a rise of bad verdicts from", 0),
            0U)
      << small.sentence;
  EXPECT_NE(small.sentence.find("devices in each arm"), std::string::npos) << small.sentence;
  const GatePlan tiny = PlanGate({}, {99, 5'000});
  EXPECT_EQ(tiny.use, GateUse::kSmokeOnly);
  EXPECT_FALSE(tiny.smallest_regression.has_value());
  EXPECT_NE(tiny.sentence.find("below the 100"), std::string::npos) << tiny.sentence;
  const GatePlan large = PlanGate({}, {5'000, 5'000});
  EXPECT_EQ(large.use, GateUse::kJudges);
  EXPECT_EQ(large.sentence.rfind("finds a rise of bad verdicts from 3.0 % to", 0), 0U)
      << large.sentence;
}

TEST(HealthGatePlan, RefusesPoliciesThatMeanNothing) {
  const auto code = [](double regression, double base, std::uint32_t looks) {
    HealthGatePolicy policy;
    policy.regression = regression;
    policy.base_rate = base;
    policy.noise.looks = looks;
    return CheckGatePolicy(policy).code();
  };
  EXPECT_EQ(code(0.05, 0.03, 2), StatusCode::kOk);
  EXPECT_EQ(code(0, 0.03, 2), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(0.9, 0.2, 2), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(0.05, -0.1, 2), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(std::nan(""), 0.03, 2), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(0.05, 0.03, 3), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(0.05, 0.03, 0), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::rollout
