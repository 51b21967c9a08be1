// The story that the quickstart tells, as a pure simulation: ten devices, waves 1, 3, rest.
#include <gtest/gtest.h>

#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

class RolloutStory : public ::testing::Test {
 protected:
  RolloutStory() : lab_(10) {
    lab_.Publish("1.0.0", Conduct::kGood);
    lab_.Publish("2.0.0", Conduct::kGood);
    lab_.Publish("3.0.0", Conduct::kFailsGolden);
    lab_.Publish("4.0.0", Conduct::kGood);
  }

  void Complete(const std::string& name, const std::string& version) {
    lab_.CreateAndStart(RolloutLab::Spec(name, version, {1, 3}));
    lab_.Wait(absl::Seconds(20));
    ASSERT_EQ(lab_.Rollout(name).state(), v1::ROLLOUT_STATE_COMPLETED) << lab_.Rollout(name).why();
  }

  RolloutLab lab_;
};

TEST_F(RolloutStory, GoodReleasesReachEveryDeviceWaveByWave) {
  lab_.CreateAndStart(RolloutLab::Spec("v1", "1.0.0", {1, 3}));
  EXPECT_EQ(lab_.RunsCount(), " x9, 1.0.0 x1");
  lab_.Wait(absl::Seconds(6));
  EXPECT_EQ(lab_.RunsCount(), " x6, 1.0.0 x4");
  lab_.Wait(absl::Seconds(20));
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x10");
  EXPECT_EQ(lab_.Rollout("v1").state(), v1::ROLLOUT_STATE_COMPLETED);
  ASSERT_EQ(lab_.book().Baselines().size(), 1U);
  EXPECT_EQ(lab_.book().Baselines()[0].release.version(), "1.0.0");
  Complete("v2", "2.0.0");
  EXPECT_EQ(lab_.Rollout("v2").baseline().version(), "1.0.0");
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x10");
}

TEST_F(RolloutStory, ARegressedReleaseAbortsOnTheCanaryAndSaysWhy) {
  Complete("v2", "2.0.0");
  lab_.CreateAndStart(RolloutLab::Spec("v3", "3.0.0", {1, 3}));
  const v1::Rollout& rollout = lab_.Rollout("v3");
  EXPECT_EQ(rollout.state(), v1::ROLLOUT_STATE_ABORTED);
  EXPECT_EQ(rollout.waves(0).state(), v1::WAVE_STATE_FAILED);
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x10");
  EXPECT_EQ(lab_.book().Devices("v3").size(), 1U);
  const std::string canary = lab_.Members("v3", 0)[0];
  EXPECT_EQ(rollout.why(),
            "aborted: 1 of 1 in wave w1 failed; " + canary +
                " failed its golden prompts: 15 of 40 correct against 39 of 40 of the running "
                "release; the small-wave rule aborts at the first quality failure; 0 went back to "
                "the baseline 2.0.0");
  EXPECT_EQ(lab_.book().Desired(canary).assignments(0).release().version(), "2.0.0");
}

TEST_F(RolloutStory, AReleaseThatGoesBadInItsSoakIsTakenBackFromEveryConfirmedDevice) {
  Complete("v2", "2.0.0");
  lab_.CreateAndStart(RolloutLab::Spec("v4", "4.0.0", {1, 3}));
  lab_.Wait(absl::Seconds(6));
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x6, 4.0.0 x4");
  const auto members = lab_.Members("v4", 1);
  ASSERT_EQ(members.size(), 3U);
  lab_.GoBad(members[0]);
  EXPECT_EQ(lab_.Rollout("v4").state(), v1::ROLLOUT_STATE_ABORTING);
  lab_.Settle();
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x10");
  EXPECT_EQ(lab_.Rollout("v4").state(), v1::ROLLOUT_STATE_ABORTED);
  const std::string& why = lab_.Rollout("v4").why();
  EXPECT_NE(why.find("FAILED_AFTER_CONFIRM (315), INSTALL_CRASH_LOOP (612)"), std::string::npos)
      << why;
  EXPECT_NE(why.find("3 went back to the baseline 2.0.0"), std::string::npos) << why;
}

TEST_F(RolloutStory, ADeviceThatWasOffSinceBeforeGoesStraightToTheNewest) {
  Complete("v1", "1.0.0");
  lab_.SetOnline("dev-07", v1::LIVENESS_OFFLINE);
  Complete("v2", "2.0.0");
  EXPECT_EQ(lab_.Runs("dev-07"), "1.0.0");
  lab_.CreateAndStart(RolloutLab::Spec("v3", "3.0.0", {1, 3}));
  Complete("v4", "4.0.0");
  EXPECT_EQ(lab_.Runs("dev-07"), "1.0.0");
  lab_.SetOnline("dev-07", v1::LIVENESS_ONLINE);
  lab_.Settle();
  EXPECT_EQ(lab_.Runs("dev-07"), "4.0.0");
  EXPECT_EQ(lab_.activated("dev-07"), (std::set<std::string>{"1.0.0", "4.0.0"}));
}

TEST_F(RolloutStory, ADeviceThatWasOffGetsTheBaselineAndNotTheReleaseThatWasTakenBack) {
  Complete("v1", "1.0.0");
  lab_.SetOnline("dev-07", v1::LIVENESS_OFFLINE);
  Complete("v2", "2.0.0");
  lab_.CreateAndStart(RolloutLab::Spec("v4", "4.0.0", {1, 3}));
  lab_.GoBad(lab_.Members("v4", 0)[0]);
  lab_.Settle();
  EXPECT_EQ(lab_.Rollout("v4").state(), v1::ROLLOUT_STATE_ABORTED);
  lab_.SetOnline("dev-07", v1::LIVENESS_ONLINE);
  lab_.Settle();
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x10");
}

TEST_F(RolloutStory, AnewDeviceGetsTheBaseline) {
  Complete("v1", "1.0.0");
  lab_.SetOnline("dev-11", v1::LIVENESS_ONLINE);
  lab_.Settle();
  EXPECT_EQ(lab_.Runs("dev-11"), "1.0.0");
}

TEST_F(RolloutStory, GoesOnFromTheStoreInTheMiddleOfAWave) {
  lab_.CreateAndStart(RolloutLab::Spec("v1", "1.0.0", {1, 3}));
  lab_.Reload();
  lab_.Wait(absl::Seconds(6));
  lab_.Reload();
  lab_.Wait(absl::Seconds(20));
  EXPECT_EQ(lab_.Rollout("v1").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x10");
}

}  // namespace
}  // namespace flotilla::rollout
