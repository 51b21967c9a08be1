#include "controller/rollout/health_gate.h"

#include <cmath>

#include <vector>

#include <gtest/gtest.h>

#include "controller/rollout/health_gate_noise.h"

namespace flotilla::rollout {
namespace {

// Counts without any noise.
HealthArm Arm(std::int64_t reports, std::int64_t worse, std::int64_t failed,
              std::int64_t no_data = 0) {
  HealthArm arm;
  arm.asked = arm.reports = static_cast<std::uint64_t>(reports);
  arm.counts = {0, reports - worse - failed - no_data, worse, failed, no_data};
  return arm;
}

HealthJudgement Judge(const std::vector<HealthLook>& looks, const HealthGatePolicy& policy = {}) {
  const auto judgement = JudgeHealthGate(policy, looks);
  EXPECT_TRUE(judgement.ok()) << judgement.status();
  return judgement.ok() ? *judgement : HealthJudgement{};
}

StatusCode CodeOf(const std::vector<HealthLook>& looks, const HealthGatePolicy& policy = {}) {
  return JudgeHealthGate(policy, looks).status().code();
}

TEST(HealthGate, IsTheFormulaOfTheDesign) {
  const HealthJudgement judgement = Judge({{Arm(1000, 30, 50), Arm(1000, 20, 10)}});
  const double p = 110.0 / 2000;
  const double v = BadCountNoise(HealthGatePolicy().noise);
  const double expected = 0.05 / std::sqrt(p * (1 - p) * 2 / 1000 + 2 * v / 1e6);
  EXPECT_NEAR(judgement.z, expected, 1e-9);
  EXPECT_NEAR(judgement.increase, 0.05, 1e-9);
  EXPECT_NEAR(judgement.interval_95, 1.96 * 0.05 / expected, 1e-9);
}

TEST(HealthGate, FailsOnARegressionAndPassesWithoutOne) {
  const HealthJudgement bad = Judge({{Arm(1000, 60, 20), Arm(1000, 25, 5)}});
  EXPECT_EQ(bad.verdict, HealthVerdict::kFail);
  EXPECT_EQ(bad.reason, HealthReason::kRegressionFound);
  EXPECT_EQ(bad.evidence,
            "8.0 % bad verdicts against 3.0 %: +5.0 points, 95 % interval 2.3, Z 4.20");
  const HealthJudgement same = Judge({{Arm(1000, 25, 5), Arm(1000, 25, 5)}});
  EXPECT_EQ(same.verdict, HealthVerdict::kPass);
  EXPECT_EQ(same.reason, HealthReason::kRegressionExcluded);
  EXPECT_EQ(Judge({{Arm(1000, 0, 0), Arm(1000, 80, 0)}}).verdict, HealthVerdict::kPass);
}

TEST(HealthGate, WorseAndFailedCountAlike) {
  EXPECT_EQ(Judge({{Arm(1000, 80, 0), Arm(1000, 30, 0)}}).z,
            Judge({{Arm(1000, 0, 80), Arm(1000, 0, 30)}}).z);
}

TEST(HealthGate, TakesOutTheNoiseThatTheKnownNumberOfReportsShows) {
  HealthLook look{Arm(1000, 60, 20), Arm(1000, 25, 5)};
  const double without = Judge({look}).increase;
  for (std::int64_t& count : look.canary.counts) {
    count += 7;  // 35 too many: each count is 7 off
  }
  EXPECT_NEAR(Judge({look}).increase, without, 1e-12);
}

TEST(HealthGate, HoldsWhereThePlanSaidThatItFindsNothing) {
  const HealthJudgement judgement = Judge({{Arm(250, 200, 0), Arm(250, 5, 0)}});
  EXPECT_EQ(judgement.verdict, HealthVerdict::kHold);
  EXPECT_EQ(judgement.reason, HealthReason::kSmokeOnly);
  EXPECT_EQ(judgement.evidence.rfind("smoke only: ", 0), 0U) << judgement.evidence;
  EXPECT_NE(judgement.evidence.find("80.0 % bad"), std::string::npos) << "still said";
  EXPECT_EQ(Judge({{Arm(99, 0, 0), Arm(5000, 0, 0)}}).reason, HealthReason::kTooFew);
  HealthGatePolicy coarse;
  coarse.regression = 0.2;
  EXPECT_EQ(Judge({{Arm(250, 200, 0), Arm(250, 5, 0)}}, coarse).verdict, HealthVerdict::kFail);
}

TEST(HealthGate, SilenceComesFirst) {
  HealthLook look{Arm(1000, 80, 0), Arm(1000, 30, 0)};
  ASSERT_EQ(Judge({look}).verdict, HealthVerdict::kFail);
  look.canary.asked = 1100;
  EXPECT_EQ(Judge({look}).reason, HealthReason::kCanarySilent);
  EXPECT_EQ(Judge({look}).verdict, HealthVerdict::kHold);
  look.control.asked = 1300;
  EXPECT_EQ(Judge({look}).reason, HealthReason::kControlSilent) << "the network";
  look.canary.asked = look.control.asked = 1100;
  EXPECT_EQ(Judge({look}).verdict, HealthVerdict::kFail) << "both alike";
}

TEST(HealthGate, LooksAgainWhereTheFirstLookLeavesItOpen) {
  const HealthLook between{Arm(800, 39, 0), Arm(800, 18, 0)};
  EXPECT_EQ(Judge({between}).reason, HealthReason::kLookAgain);
  EXPECT_EQ(Judge({between}).verdict, HealthVerdict::kHold);
  const HealthLook good{Arm(800, 18, 0), Arm(800, 18, 0)};
  EXPECT_EQ(Judge({between, good}).verdict, HealthVerdict::kPass);
  const HealthLook bad{Arm(800, 80, 0), Arm(800, 18, 0)};
  EXPECT_EQ(Judge({between, bad}).verdict, HealthVerdict::kFail);
  HealthGatePolicy once;
  once.noise.looks = 1;
  EXPECT_NE(Judge({between}, once).reason, HealthReason::kLookAgain);
}

TEST(HealthGate, DoesNotFailForADifferenceThatIsRealButSmall) {
  const HealthJudgement judgement =
      Judge({{Arm(200'000, 8'000, 0), Arm(200'000, 6'000, 0)}});  // 3 % -> 4 %
  EXPECT_GT(judgement.z, 10);
  EXPECT_EQ(judgement.verdict, HealthVerdict::kPass);
}

TEST(HealthGate, DevicesWithoutDataMakeNoRegressionLookExcluded) {
  // Of the devices with data 3 % and 8 % are bad, nine tenths have none.
  const HealthJudgement judgement = Judge({{Arm(2000, 16, 0, 1800), Arm(2000, 6, 0, 1800)}});
  EXPECT_EQ(judgement.verdict, HealthVerdict::kHold) << judgement.evidence;
  EXPECT_EQ(Judge({{Arm(2000, 16, 0), Arm(2000, 6, 0)}}).verdict, HealthVerdict::kPass);
}

TEST(HealthGate, RefusesWhatNoCollectionYields) {
  const HealthLook look{Arm(1000, 30, 0), Arm(1000, 30, 0)};
  EXPECT_EQ(CodeOf({}), StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf({look, look, look}), StatusCode::kInvalidArgument);
  HealthLook odd = look;
  odd.canary.asked = 999;
  EXPECT_EQ(CodeOf({odd}), StatusCode::kInvalidArgument) << "more reports than devices";
  odd = look;
  odd.canary.counts[1] += 1000;
  EXPECT_EQ(CodeOf({odd}), StatusCode::kInvalidArgument) << "counts of another arm";
  odd = look;
  odd.control.counts[2] = INT64_MAX;
  odd.control.counts[1] = INT64_MIN;
  EXPECT_EQ(CodeOf({odd}), StatusCode::kInvalidArgument);
  HealthGatePolicy policy;
  policy.regression = std::nan("");
  EXPECT_EQ(CodeOf({look}, policy), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::rollout
