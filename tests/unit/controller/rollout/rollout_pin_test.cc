#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

Status Pin(RolloutLab& lab, const std::string& device, const std::string& version) {
  v1::Pin pin;
  pin.set_device_id(device);
  pin.mutable_release()->set_line(RolloutLab::kLine);
  pin.mutable_release()->set_version(version);
  pin.set_reason("reference");
  return lab.TakeOf(lab.book().PinDevice(pin, "bob", lab.now()));
}

Status Unpin(RolloutLab& lab, const std::string& device) {
  return lab.TakeOf(lab.book().UnpinDevice(device, RolloutLab::kLine, lab.now()));
}

class RolloutPin : public ::testing::Test {
 protected:
  // Every device runs 1.0.0; 2.0.0 and 3.0.0 are there.
  RolloutPin() : lab_(20) {
    for (const char* version : {"1.0.0", "2.0.0", "3.0.0"}) {
      lab_.Publish(version, Conduct::kGood);
    }
    lab_.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {}));
    lab_.Wait(absl::Seconds(20));
  }
  std::string Asked(const std::string& device) {
    return lab_.book().Desired(device).assignments(0).release().version();
  }
  RolloutLab lab_;
};

TEST_F(RolloutPin, WinsOverRolloutsAndIsJudgedNeutral) {
  ASSERT_TRUE(Pin(lab_, "dev-01", "1.0.0").ok());
  lab_.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {3}));
  lab_.Wait(absl::Seconds(30));
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x1, 2.0.0 x19");
  EXPECT_EQ(lab_.Runs("dev-01"), "1.0.0");
  EXPECT_EQ(lab_.StateOf("r2", "dev-01"), v1::DEPLOYMENT_STATE_REJECTED_PINNED);
  const auto lines = lab_.book().ExplainDevice("dev-01");
  EXPECT_NE(lines[0].find("because it is pinned to it by bob"), std::string::npos) << lines[0];
}

TEST_F(RolloutPin, IsNotACanary) {
  ASSERT_TRUE(Pin(lab_, "dev-01", "1.0.0").ok());
  v1::RolloutSpec spec = RolloutLab::Spec("r2", "2.0.0", {1});
  spec.mutable_strategy()->mutable_waves(0)->set_selector("device in (dev-01,dev-05)");
  lab_.CreateAndStart(spec);
  EXPECT_EQ(lab_.Members("r2", 0), std::vector<std::string>{"dev-05"});
}

TEST_F(RolloutPin, BringsAnyReleaseAndUnpinningGivesTheDeviceBackToTheLine) {
  ASSERT_TRUE(Pin(lab_, "dev-01", "3.0.0").ok());
  EXPECT_EQ(lab_.Runs("dev-01"), "3.0.0");
  lab_.Reload();
  EXPECT_EQ(lab_.book().Desired("dev-01").assignments(0).release().version(), "3.0.0");
  lab_.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {3}));
  lab_.Wait(absl::Seconds(30));
  ASSERT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  ASSERT_TRUE(Unpin(lab_, "dev-01").ok());
  EXPECT_EQ(lab_.Runs("dev-01"), "2.0.0");
}

TEST_F(RolloutPin, OfAnotherDeviceStandsWhenOneIsTakenAway) {
  ASSERT_TRUE(Pin(lab_, "dev-01", "2.0.0").ok());
  ASSERT_TRUE(Pin(lab_, "dev-01", "3.0.0").ok());
  ASSERT_TRUE(Pin(lab_, "dev-02", "3.0.0").ok());
  ASSERT_TRUE(Unpin(lab_, "dev-01").ok());
  EXPECT_EQ(Asked("dev-01"), "1.0.0");
  EXPECT_EQ(Asked("dev-02"), "3.0.0");
  ASSERT_TRUE(Unpin(lab_, "dev-02").ok());
  EXPECT_EQ(Asked("dev-02"), "1.0.0");
  EXPECT_EQ(Unpin(lab_, "dev-02").code(), StatusCode::kNotFound);
}

TEST_F(RolloutPin, TakenAwayDuringARolloutTheDeviceIsTriedAgain) {
  ASSERT_TRUE(Pin(lab_, "dev-01", "1.0.0").ok());
  v1::RolloutSpec spec = RolloutLab::Spec("r2", "2.0.0", {}, absl::Hours(1));
  lab_.CreateAndStart(spec);
  ASSERT_EQ(lab_.StateOf("r2", "dev-01"), v1::DEPLOYMENT_STATE_REJECTED_PINNED);
  ASSERT_TRUE(Unpin(lab_, "dev-01").ok());
  lab_.Wait(absl::Seconds(2));
  EXPECT_EQ(lab_.StateOf("r2", "dev-01"), v1::DEPLOYMENT_STATE_SUCCEEDED);
}

TEST_F(RolloutPin, ADeviceOnItsWayLeavesTheRolloutAndNoAbortWaitsForIt) {
  lab_.Publish("2.0.0", Conduct::kSticksInTrial);
  lab_.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {2}));
  const std::string device = lab_.Members("r2", 0).front();
  const std::string other = lab_.Members("r2", 0).back();
  ASSERT_EQ(lab_.StateOf("r2", device), v1::DEPLOYMENT_STATE_TRIAL);
  ASSERT_TRUE(Pin(lab_, device, "1.0.0").ok());
  EXPECT_EQ(lab_.StateOf("r2", device), v1::DEPLOYMENT_STATE_REJECTED_PINNED);
  lab_.SetOnline(other, v1::LIVENESS_OFFLINE);
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_ABORT).ok());
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_ABORTED) << lab_.Rollout("r2").why();
}

TEST_F(RolloutPin, ARollbackLeavesThePinnedDeviceAlone) {
  lab_.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {}));
  lab_.Wait(absl::Seconds(20));
  ASSERT_TRUE(Pin(lab_, "dev-01", "2.0.0").ok());
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_ROLLBACK).ok());
  lab_.Settle();
  lab_.Wait(absl::Seconds(2));
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_ROLLED_BACK);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x19, 2.0.0 x1");
}

TEST_F(RolloutPin, RefusesUnknownDevicesAndReleasesThatMayNotRun) {
  EXPECT_EQ(Pin(lab_, "dev-99", "1.0.0").code(), StatusCode::kNotFound);
  EXPECT_EQ(Pin(lab_, "dev-01", "9.0.0").code(), StatusCode::kFailedPrecondition);
  lab_.fleet().releases[{RolloutLab::kLine, "1.0.0"}].set_blocked(true);
  EXPECT_EQ(Pin(lab_, "dev-01", "1.0.0").code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Unpin(lab_, "dev-01").code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla::rollout
