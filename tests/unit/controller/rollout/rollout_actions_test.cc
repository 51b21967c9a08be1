#include <gtest/gtest.h>

#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

TEST(RolloutActions, CreationNamesWhatIsWrong) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  auto& book = lab.book();
  const auto code = [&](const v1::RolloutSpec& spec) {
    return book.Create(spec, "alice", EmptyMatch::kRefuse, lab.now()).status().code();
  };
  EXPECT_EQ(code(RolloutLab::Spec("r", "9.9.9", {1})), StatusCode::kFailedPrecondition);
  v1::RolloutSpec nobody = RolloutLab::Spec("r", "1.0.0", {1});
  nobody.set_selector("role=none");
  EXPECT_EQ(code(nobody), StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(RolloutLab::Spec("r", "1.0.0", {1})), StatusCode::kOk);
  EXPECT_EQ(code(RolloutLab::Spec("r", "1.0.0", {1})), StatusCode::kAlreadyExists);
}

TEST(RolloutActions, DoingWhatIsDoneIsOkAndChangesNothing) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  auto& book = lab.book();
  for (const auto action : {v1::ROLLOUT_ACTION_START, v1::ROLLOUT_ACTION_RESUME}) {
    auto change = book.Act("r", action, v1::HOLD_MODE_UNSPECIFIED, "bob", lab.now());
    ASSERT_TRUE(change.ok());
    EXPECT_TRUE(change->empty());
  }
  EXPECT_EQ(lab.Act("none", v1::ROLLOUT_ACTION_START).code(), StatusCode::kNotFound);
}

TEST(RolloutActions, APauseHoldsDevicesAndAResumeLetsThemGo) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  const std::string device = lab.Members("r", 0)[0];
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_PAUSE, v1::HOLD_MODE_FREEZE).ok());
  EXPECT_EQ(lab.book().Desired(device).assignments(0).hold(), v1::HOLD_MODE_FREEZE);
  EXPECT_EQ(lab.Rollout("r").waves(0).state(), v1::WAVE_STATE_HELD);
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_RESUME).ok());
  EXPECT_EQ(lab.book().Desired(device).assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
}

TEST(RolloutActions, AnAbortOfADraftCancelsIt) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Take(*lab.book().Create(RolloutLab::Spec("r", "1.0.0", {1}), "alice", EmptyMatch::kRefuse,
                              lab.now()));
  EXPECT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_ABORT).ok());
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_CANCELLED);
  EXPECT_EQ(lab.Act("r", v1::ROLLOUT_ACTION_START).code(), StatusCode::kFailedPrecondition);
}

TEST(RolloutActions, ACompletedRolloutCanBeRolledBackAndGivesTheBaselineBack) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Publish("2.0.0", Conduct::kGood);
  for (const std::string version : {"1.0.0", "2.0.0"}) {
    lab.CreateAndStart(RolloutLab::Spec("r" + version, version, {1}));
    lab.Wait(absl::Seconds(20));
  }
  ASSERT_EQ(lab.RunsCount(), "2.0.0 x6");
  ASSERT_TRUE(lab.Act("r2.0.0", v1::ROLLOUT_ACTION_ROLLBACK).ok());
  EXPECT_EQ(lab.Rollout("r2.0.0").state(), v1::ROLLOUT_STATE_ROLLING_BACK);
  lab.Settle();
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x6");
  EXPECT_EQ(lab.Rollout("r2.0.0").state(), v1::ROLLOUT_STATE_ROLLED_BACK);
  EXPECT_EQ(lab.book().Baselines()[0].release.version(), "1.0.0");
  lab.Wait(absl::Seconds(3));
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x6");
  EXPECT_EQ(lab.Act("r1.0.0", v1::ROLLOUT_ACTION_ROLLBACK).code(), StatusCode::kFailedPrecondition);
}

TEST(RolloutActions, AnewerRolloutOfTheLineSupersedesAndLeavesConfirmedDevicesAlone) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Publish("2.0.0", Conduct::kGood);
  lab.Publish("3.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {1}));
  lab.Wait(absl::Seconds(20));
  lab.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {2}));
  ASSERT_EQ(lab.RunsCount(), "1.0.0 x4, 2.0.0 x2");
  v1::RolloutSpec newer = RolloutLab::Spec("r3", "3.0.0", {1});
  newer.set_on_overlap(v1::ON_OVERLAP_REPLACE);
  lab.CreateAndStart(newer);
  EXPECT_EQ(lab.Rollout("r2").state(), v1::ROLLOUT_STATE_SUPERSEDED);
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x4, 2.0.0 x2");
}

TEST(RolloutActions, AbortWithoutRollbackLeavesWhatIsConfirmed) {
  RolloutLab lab(6);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Publish("2.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {1}));
  lab.Wait(absl::Seconds(20));
  v1::RolloutSpec spec = RolloutLab::Spec("r2", "2.0.0", {2});
  spec.mutable_on_abort()->set_rollback(v1::ROLLBACK_MODE_NONE);
  lab.CreateAndStart(spec);
  ASSERT_TRUE(lab.Act("r2", v1::ROLLOUT_ACTION_ABORT).ok());
  lab.Settle();
  EXPECT_EQ(lab.Rollout("r2").state(), v1::ROLLOUT_STATE_ABORTED);
  EXPECT_EQ(lab.RunsCount(), "1.0.0 x4, 2.0.0 x2");
}

TEST(RolloutActions, ExplainsRolloutsAndDevicesInSentences) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kFailsGolden);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  const auto rollout = lab.book().ExplainRollout("r");
  ASSERT_GE(rollout.size(), 2U);
  EXPECT_NE(rollout[0].find("is ABORTED: aborted: 1 of 1 in wave w1 failed"), std::string::npos);
  EXPECT_NE(rollout[1].find("FAILED_REVERTED (310), INSTALL_SMOKE_FAILED (605)"),
            std::string::npos);
  const auto device = lab.book().ExplainDevice(lab.Members("r", 0)[0]);
  ASSERT_EQ(device.size(), 2U);
  EXPECT_NE(device[1].find("golden prompts 15 of 40 against 39"), std::string::npos) << device[1];
  EXPECT_TRUE(lab.book().ExplainDevice("none").empty());
}

TEST(RolloutActions, ARevokedDeviceGetsNothingAndIsNeutral) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  const std::string device = lab.Members("r", 0)[0];
  lab.fleet().devices[device].set_revoked(true);
  lab.Take(lab.book().OnDevice(device, lab.now()));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_REVOKED);
  EXPECT_EQ(lab.book().Desired(device).assignments_size(), 0);
}

}  // namespace
}  // namespace flotilla::rollout
