// `rollout retry` and `rollout extend`.
#include <string>

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

Status Extend(RolloutLab& lab, const std::string& id, Duration longer) {
  auto change = lab.book().Extend(id, longer, "alice", lab.now());
  if (change.ok()) {
    lab.Take(*change);
  }
  return change.status();
}

TEST(RolloutRetry, GivesFailedDeliveriesAnotherAttemptAndGoesOn) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kNotDelivered);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  ASSERT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_SOURCE_UNAVAILABLE);
  lab.Publish("1.0.0", Conduct::kGood);
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_RETRY));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  lab.Settle();
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_EQ(lab.Rollout("r").waves(0).delivery_failures(), 0U);
  EXPECT_EQ(lab.book().Devices("r")[0].attempt(), 2U);
}

TEST(RolloutRetry, DoesNotEndAPauseThatAPersonMade) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {50}));
  const std::string device = lab.Members("r", 0)[0];
  lab.Report(device, lab.ReportOf("r", v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE,
                                  v1::FAILURE_REASON_FETCH_CONNECT));
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_PAUSE));
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_RETRY));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_PENDING);
}

TEST(RolloutRetry, ADeviceOfAnEarlierWaveCatchesUp) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {90}, absl::Seconds(5));
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(90);
  spec.mutable_strategy()->mutable_waves(1)->set_gate(v1::GATE_MANUAL);
  lab.CreateAndStart(spec);
  const std::string late = lab.Members("r", 0)[0];
  for (const std::string& device : lab.Members("r", 0)) {
    lab.Report(device, lab.ReportOf("r", device == late ? v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE
                                                        : v1::DEPLOYMENT_STATE_SUCCEEDED));
  }
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Wait(absl::Seconds(10));
  ASSERT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_GATE) << lab.Rollout("r").why();
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_RETRY));
  EXPECT_EQ(lab.StateOf("r", late), v1::DEPLOYMENT_STATE_PENDING);
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_PROMOTE));
  lab.Settle();
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_EQ(lab.StateOf("r", late), v1::DEPLOYMENT_STATE_SUCCEEDED);
}

TEST(RolloutRetry, OfACompletedRolloutUsesTheCatchUpLane) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetOnline("dev-02", v1::LIVENESS_OFFLINE);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  lab.Wait(absl::Seconds(20));
  ASSERT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
  lab.Publish("1.0.0", Conduct::kNotDelivered);
  lab.SetOnline("dev-02", v1::LIVENESS_ONLINE);
  lab.Settle();
  ASSERT_EQ(lab.StateOf("r", "dev-02"), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
  lab.Publish("1.0.0", Conduct::kGood);
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_RETRY));
  lab.Settle();
  EXPECT_EQ(lab.StateOf("r", "dev-02"), v1::DEPLOYMENT_STATE_SUCCEEDED);
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutRetry, SaysWhenThereIsNothingToRetry) {
  RolloutLab lab(3);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  EXPECT_EQ(lab.Act("r", v1::ROLLOUT_ACTION_RETRY).code(), StatusCode::kFailedPrecondition);
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_ABORT));
  EXPECT_EQ(lab.Act("r", v1::ROLLOUT_ACTION_RETRY).code(), StatusCode::kFailedPrecondition);
}

TEST(RolloutExtend, ProlongsASoakAndMakesANewRevision) {
  RolloutLab lab(3);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}, absl::Seconds(10)));
  ASSERT_EQ(lab.Rollout("r").waves(0).state(), v1::WAVE_STATE_SOAKING);
  ASSERT_EQ(OkStatus(), Extend(lab, "r", absl::Minutes(1)));
  EXPECT_EQ(lab.Rollout("r").revision(), 2U);
  lab.Wait(absl::Seconds(60));
  EXPECT_EQ(lab.Rollout("r").current_wave(), 0U);
  lab.Wait(absl::Seconds(15));
  EXPECT_EQ(lab.Rollout("r").current_wave(), 1U);
}

TEST(RolloutExtend, BeforeTheSoakBeginsItsLengthGrows) {
  RolloutLab lab(3);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}, absl::Seconds(10)));
  ASSERT_EQ(OkStatus(), Extend(lab, "r", absl::Seconds(50)));
  EXPECT_EQ(FromWire(lab.Rollout("r").waves(0).spec().soak()), absl::Minutes(1));
}

TEST(RolloutExtend, RefusesWhatIsNoExtension) {
  RolloutLab lab(3);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  EXPECT_EQ(Extend(lab, "none", absl::Minutes(1)).code(), StatusCode::kNotFound);
  EXPECT_EQ(Extend(lab, "r", absl::ZeroDuration()).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Extend(lab, "r", absl::Hours(31 * 24)).code(), StatusCode::kInvalidArgument);
  ASSERT_EQ(OkStatus(), lab.Act("r", v1::ROLLOUT_ACTION_ABORT));
  EXPECT_EQ(Extend(lab, "r", absl::Minutes(1)).code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::rollout
