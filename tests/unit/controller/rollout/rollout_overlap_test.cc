#include <string>

#include <gtest/gtest.h>

#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

class RolloutOverlap : public ::testing::Test {
 protected:
  // r1 brings 1.0.0 to everyone and has not ended.
  RolloutOverlap() : lab_(6) {
    for (const char* version : {"1.0.0", "2.0.0", "3.0.0"}) {
      lab_.Publish(version, Conduct::kGood);
    }
    for (const char* device : {"dev-01", "dev-02", "dev-03"}) {
      lab_.SetLabel(device, "region", "eu");
    }
  }
  void StartFirst(const std::string& selector) {
    v1::RolloutSpec spec = RolloutLab::Spec("r1", "1.0.0", {1}, absl::Minutes(1));
    spec.set_selector(selector);
    lab_.CreateAndStart(spec);
  }
  Status Start(const std::string& id, const std::string& version, const std::string& selector,
               v1::OnOverlap on_overlap, std::uint32_t priority = 0) {
    v1::RolloutSpec spec = RolloutLab::Spec(id, version, {1});
    spec.set_selector(selector);
    spec.set_on_overlap(on_overlap);
    spec.set_priority(priority);
    lab_.Take(lab_.book().Create(spec, "alice", EmptyMatch::kRefuse, lab_.now()).value());
    const Status started = lab_.Act(id, v1::ROLLOUT_ACTION_START);
    lab_.Settle();
    return started;
  }
  RolloutLab lab_;
};

TEST_F(RolloutOverlap, IsRefusedUnlessTheSpecSaysOtherwise) {
  StartFirst("");
  const Status started = Start("r2", "2.0.0", "", v1::ON_OVERLAP_UNSPECIFIED);
  EXPECT_EQ(started.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(started).find("rollout r1 of line pump"), std::string::npos) << started;
  EXPECT_EQ(lab_.Rollout("r1").state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_DRAFT);
}

TEST_F(RolloutOverlap, RolloutsWithoutCommonDevicesRunSideBySide) {
  StartFirst("region=eu");
  EXPECT_TRUE(Start("r2", "2.0.0", "!region", v1::ON_OVERLAP_REFUSE).ok());
  EXPECT_EQ(Start("r3", "3.0.0", "region", v1::ON_OVERLAP_REFUSE).code(),
            StatusCode::kFailedPrecondition);
  lab_.Wait(absl::Minutes(3));
  EXPECT_EQ(lab_.Rollout("r1").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x3, 2.0.0 x3");
}

// The line's baseline is the newer one's, which is not meant for the others.
TEST_F(RolloutOverlap, ACompletedRolloutStillSpeaksForItsDevicesBesideANewerOneOfOthers) {
  StartFirst("region=eu");
  const std::string away = lab_.Runs("dev-02").empty() ? "dev-02" : "dev-03";
  lab_.SetOnline(away, v1::LIVENESS_OFFLINE);
  lab_.Wait(absl::Minutes(3));
  ASSERT_EQ(lab_.Rollout("r1").state(), v1::ROLLOUT_STATE_COMPLETED);
  ASSERT_EQ(lab_.Runs(away), "");
  ASSERT_TRUE(Start("r2", "2.0.0", "!region", v1::ON_OVERLAP_REFUSE).ok());
  lab_.Wait(absl::Minutes(3));
  ASSERT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  lab_.SetOnline(away, v1::LIVENESS_ONLINE);
  lab_.Settle();
  EXPECT_EQ(lab_.Runs(away), "1.0.0");
}

TEST_F(RolloutOverlap, AQueuedRolloutStartsWhenTheOneBeforeItHasEnded) {
  StartFirst("");
  ASSERT_TRUE(Start("r2", "2.0.0", "", v1::ON_OVERLAP_QUEUE).ok());
  ASSERT_TRUE(Start("r3", "3.0.0", "", v1::ON_OVERLAP_QUEUE, 5).ok());
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_SCHEDULED);
  EXPECT_NE(lab_.Rollout("r2").why().find("queued behind rollout r1"), std::string::npos);
  lab_.Reload();
  lab_.Wait(absl::Minutes(3));
  EXPECT_EQ(lab_.Rollout("r1").state(), v1::ROLLOUT_STATE_COMPLETED);
  // The higher priority went first, then the other one.
  lab_.Wait(absl::Minutes(5));
  EXPECT_EQ(lab_.Rollout("r3").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab_.RunsCount(), "2.0.0 x6");
}

TEST_F(RolloutOverlap, AQueuedRolloutCanBeCancelled) {
  StartFirst("");
  ASSERT_TRUE(Start("r2", "2.0.0", "", v1::ON_OVERLAP_QUEUE).ok());
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_ABORT).ok());
  lab_.Wait(absl::Minutes(3));
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_CANCELLED);
  EXPECT_EQ(lab_.RunsCount(), "1.0.0 x6");
}

// A device comes to match two rollouts that had nothing in common when they started.
TEST_F(RolloutOverlap, TheHigherPrioritySpeaksForADeviceOfTwo) {
  v1::RolloutSpec first = RolloutLab::Spec("r1", "1.0.0", {}, absl::Hours(1));
  first.set_selector("region=eu");
  first.set_priority(5);
  lab_.CreateAndStart(first);
  v1::RolloutSpec second = RolloutLab::Spec("r2", "2.0.0", {}, absl::Hours(1));
  second.set_selector("ring=lab");
  lab_.SetLabel("dev-05", "ring", "lab");
  lab_.CreateAndStart(second);
  lab_.SetLabel("dev-01", "ring", "lab");
  EXPECT_EQ(lab_.book().Desired("dev-01").assignments(0).rollout_id(), "r1");
}

}  // namespace
}  // namespace flotilla::rollout
