#include "fleetctl/rollout/change_size.h"

#include <gtest/gtest.h>

namespace flotilla::fleetctl {
namespace {

v1::Rollout RolloutIn(v1::RolloutState state) {
  v1::Rollout rollout;
  rollout.set_id("pump-2.0.0");
  rollout.set_state(state);
  rollout.mutable_spec()->set_line("pump");
  rollout.mutable_spec()->set_version("2.0.0");
  return rollout;
}

TEST(ChangeSize, OnlyWhatSetsDevicesInMotionIsCounted) {
  EXPECT_TRUE(MovesDevices(v1::ROLLOUT_ACTION_START, RolloutIn(v1::ROLLOUT_STATE_DRAFT)));
  EXPECT_FALSE(MovesDevices(v1::ROLLOUT_ACTION_START, RolloutIn(v1::ROLLOUT_STATE_RUNNING)));
  EXPECT_TRUE(MovesDevices(v1::ROLLOUT_ACTION_ROLLBACK, RolloutIn(v1::ROLLOUT_STATE_COMPLETED)));
  EXPECT_FALSE(MovesDevices(v1::ROLLOUT_ACTION_PAUSE, RolloutIn(v1::ROLLOUT_STATE_RUNNING)));
  v1::Rollout keeps = RolloutIn(v1::ROLLOUT_STATE_RUNNING);
  EXPECT_TRUE(MovesDevices(v1::ROLLOUT_ACTION_ABORT, keeps));
  keeps.mutable_spec()->mutable_on_abort()->set_rollback(v1::ROLLBACK_MODE_NONE);
  EXPECT_FALSE(MovesDevices(v1::ROLLOUT_ACTION_ABORT, keeps));
}

TEST(ChangeSize, CountsTheDevicesThatGoBackOrTryAgain) {
  v1::ListRolloutDevicesResponse devices;
  for (const auto state :
       {v1::DEPLOYMENT_STATE_PENDING, v1::DEPLOYMENT_STATE_TRIAL, v1::DEPLOYMENT_STATE_SUCCEEDED,
        v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::DEPLOYMENT_STATE_FAILED_REVERTED}) {
    devices.add_devices()->set_state(state);
  }
  EXPECT_EQ(2U, MovedDevices(v1::ROLLOUT_ACTION_ROLLBACK, devices));
  EXPECT_EQ(1U, MovedDevices(v1::ROLLOUT_ACTION_RETRY, devices));
}

TEST(ChangeSize, AsksWithTheReleaseAndTheCount) {
  EXPECT_EQ(
      "Roll back rollout pump-2.0.0 of pump 2.0.0 on 120 devices?",
      ChangeQuestion(v1::ROLLOUT_ACTION_ROLLBACK, RolloutIn(v1::ROLLOUT_STATE_COMPLETED), "120"));
}

}  // namespace
}  // namespace flotilla::fleetctl
