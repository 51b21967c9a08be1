#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/rollout/cohort.h"
#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

TEST(RolloutWaves, TakeAnExactCountInCohortOrder) {
  RolloutLab lab(10);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {3}));
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [id, device] : lab.fleet().devices) {
    order.emplace_back(CohortHash("r", id), id);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> first = {order[0].second, order[1].second, order[2].second};
  std::sort(first.begin(), first.end());
  EXPECT_EQ(lab.Members("r", 0), first);
}

TEST(RolloutWaves, APercentageIsCumulativeAndFollowsTheBuckets) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {1, 1}, absl::ZeroDuration());
  for (int i = 0; i < 2; ++i) {
    spec.mutable_strategy()->mutable_waves(i)->clear_count();
    spec.mutable_strategy()->mutable_waves(i)->set_percent(i == 0 ? 10 : 40);
  }
  lab.CreateAndStart(spec);
  lab.Wait(absl::Seconds(1));
  for (const auto& [id, device] : lab.fleet().devices) {
    const std::uint32_t bucket = CohortBucket("r", id);
    const std::uint32_t wave = bucket < 1000 ? 0 : bucket < 4000 ? 1 : 2;
    const auto members = lab.Members("r", wave);
    EXPECT_NE(std::find(members.begin(), members.end(), id), members.end()) << id;
  }
}

TEST(RolloutWaves, NeverOfferMoreThanTheCap) {
  RolloutLab lab(40);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {30});
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(4);
  lab.CreateAndStart(spec);
  EXPECT_EQ(lab.Rollout("r").waves(0).counts().at(v1::DEPLOYMENT_STATE_TRIAL), 4U);
  EXPECT_EQ(lab.Rollout("r").waves(0).counts().at(v1::DEPLOYMENT_STATE_PENDING), 26U);
}

TEST(RolloutWaves, WaitForAPersonAtAManualGate) {
  RolloutLab lab(4);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {1});
  spec.mutable_strategy()->mutable_waves(1)->set_gate(v1::GATE_MANUAL);
  lab.CreateAndStart(spec);
  lab.Wait(absl::Seconds(10));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_GATE);
  EXPECT_EQ(lab.Rollout("r").waves(1).state(), v1::WAVE_STATE_GATED);
  EXPECT_EQ(lab.Act("r", v1::ROLLOUT_ACTION_RESUME).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_PROMOTE).ok());
  lab.Settle();
  lab.Wait(absl::Seconds(10));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWaves, AnOfflineDeviceMovesToTheCatchUpLaneSoThatTheWaveEnds) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetOnline("dev-02", v1::LIVENESS_OFFLINE);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
  EXPECT_EQ(lab.StateOf("r", "dev-02"), v1::DEPLOYMENT_STATE_PENDING);
  lab.SetOnline("dev-02", v1::LIVENESS_ONLINE);
  lab.Settle();
  EXPECT_EQ(lab.StateOf("r", "dev-02"), v1::DEPLOYMENT_STATE_SUCCEEDED);
}

TEST(RolloutWaves, ACanaryThatFallsSilentBeforeItBeginsIsReplaced) {
  const std::vector<std::string> all = {"dev-01", "dev-02", "dev-03"};
  RolloutLab lab(3);
  lab.Publish("1.0.0", Conduct::kGood);
  for (const std::string& device : all) {
    lab.SetOnline(device, v1::LIVENESS_LATE);  // can be reached, does not answer yet
  }
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  const std::string canary = lab.Members("r", 0).at(0);
  for (const std::string& device : all) {
    lab.SetOnline(device, device == canary ? v1::LIVENESS_OFFLINE : v1::LIVENESS_ONLINE);
  }
  lab.Settle();
  EXPECT_EQ(lab.Members("r", 0).size(), 2U);
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_EQ(lab.StateOf("r", canary), v1::DEPLOYMENT_STATE_PENDING);
  lab.SetOnline(canary, v1::LIVENESS_ONLINE);
  lab.Settle();
  EXPECT_EQ(lab.StateOf("r", canary), v1::DEPLOYMENT_STATE_SUCCEEDED);
}

TEST(RolloutWaves, TheFirstWaveWaitsWhenNobodyCanBeReached) {
  RolloutLab lab(2);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.SetOnline("dev-01", v1::LIVENESS_OFFLINE);
  lab.SetOnline("dev-02", v1::LIVENESS_OFFLINE);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {1}));
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_TRUE(lab.book().Devices("r").empty());
  lab.SetOnline("dev-02", v1::LIVENESS_ONLINE);
  lab.Settle();
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RolloutWaves, AFullWaveIsJudgedByTheBounds) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {80}, absl::ZeroDuration()));
  EXPECT_FALSE(lab.Rollout("r").waves(0).small());
  lab.Wait(absl::Seconds(3));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_LE(lab.Rollout("r").waves(0).llr(), lab.Rollout("r").waves(0).llr_pass());
}

// Both waves of 99 devices in trial; the first has passed, one device of the second failed.
TEST(RolloutWaves, ALastWaveThatIsNotDecidedIsJudgedWithAllOthers) {
  RolloutLab lab(99);
  for (int i = 0; i < 90; ++i) {
    lab.fleet().AddDevice("more-" + std::to_string(i));
  }
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {100}, absl::Seconds(1));
  spec.mutable_delivery()->set_max_in_flight(100);
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(100);
  lab.CreateAndStart(spec);
  const auto end_all = [&](std::uint32_t wave, int failures) {
    for (const std::string& device : lab.Members("r", wave)) {
      lab.Report(device, lab.ReportOf("r", failures-- > 0 ? v1::DEPLOYMENT_STATE_FAILED_REVERTED
                                                          : v1::DEPLOYMENT_STATE_SUCCEEDED));
    }
  };
  end_all(0, 0);
  lab.Wait(absl::Seconds(3));
  ASSERT_EQ(lab.Rollout("r").current_wave(), 1U);
  end_all(1, 1);
  lab.Wait(absl::Seconds(3));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_NE(lab.Rollout("r").why().find("all waves together"), std::string::npos);
}

TEST(RolloutWaves, ADeliveryThatFailsEverywherePausesAndIsTriedAgain) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kNotDelivered);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_PAUSED);
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_SOURCE_UNAVAILABLE);
  EXPECT_EQ(lab.Rollout("r").waves(0).quality_failures(), 0U);
  lab.Publish("1.0.0", Conduct::kGood);
  lab.Wait(absl::Minutes(6));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
}

TEST(RolloutWaves, TheFirstRefusalForTrustPauses) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kRefusesSignature);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_SECURITY);
  EXPECT_NE(lab.Rollout("r").why().find("TRUST_THRESHOLD (301)"), std::string::npos);
}

TEST(RolloutWaves, TooManyMisfitsPauseForTargeting) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {2}));
  const auto misfit =
      lab.ReportOf("r", v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE, v1::FAILURE_REASON_POLICY_RAM);
  lab.Report(lab.Members("r", 0)[0], misfit);
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_TARGETING_ERROR);
}

TEST(RolloutWaves, ADeviceThatTalksPastItsDeadlineTimesOutAndMayStillSucceed) {
  RolloutLab lab(5);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {2});
  *spec.mutable_deadlines()->mutable_activate() = ToWire(absl::Seconds(10));
  lab.CreateAndStart(spec);
  const std::string device = lab.Members("r", 0)[0];
  lab.Wait(absl::Seconds(11));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_TIMED_OUT);
  EXPECT_EQ(lab.Rollout("r").waves(0).delivery_failures(), 2U);
  lab.Report(device, lab.ReportOf("r", v1::DEPLOYMENT_STATE_SUCCEEDED));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_SUCCEEDED);
  EXPECT_EQ(lab.Rollout("r").waves(0).delivery_failures(), 1U);
}

}  // namespace
}  // namespace flotilla::rollout
