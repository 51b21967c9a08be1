// How fast, how many at a site, and what waits: caps, ramps, retries, held strata, the network.
#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "controller/rollout/rate_ramp.h"
#include "controller/rollout/wire_time.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

void SpreadOverSites(RolloutLab& lab, int sites) {
  int i = 0;
  for (auto& [id, device] : lab.fleet().devices) {
    (*device.mutable_labels())["site"] = "site-" + std::to_string(i++ % sites);
  }
}

std::vector<std::string> InState(RolloutLab& lab, v1::DeploymentState state) {
  std::vector<std::string> ids;
  for (const v1::RolloutDevice& row : lab.book().Devices("r")) {
    if (row.state() == state) {
      ids.push_back(row.device_id());
    }
  }
  return ids;
}

TEST(RolloutDelivery, KeepsToTheCapOfEachSite) {
  RolloutLab lab(40);
  SpreadOverSites(lab, 4);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {30});
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(30);
  spec.mutable_delivery()->set_per_site(2);
  lab.CreateAndStart(spec);
  std::map<std::string, int> busy;
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    ++busy[lab.fleet().devices[id].labels().at("site")];
  }
  EXPECT_EQ(busy.size(), 4U);
  for (const auto& [site, count] : busy) {
    EXPECT_EQ(count, 2) << site;
  }
}

TEST(RolloutDelivery, APlaceAtASiteIsTakenByTheNextOfThatSite) {
  RolloutLab lab(40);
  SpreadOverSites(lab, 4);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {30});
  spec.mutable_delivery()->set_per_site(1);
  lab.CreateAndStart(spec);
  lab.Wait(absl::Seconds(20));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  EXPECT_EQ(InState(lab, v1::DEPLOYMENT_STATE_SUCCEEDED).size(), 40U);
}

TEST(RolloutDelivery, StartsSlowlyAndSpeedsUpWithWhatSucceeded) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kGood);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {}, absl::ZeroDuration());
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(99);
  v1::RateRamp& ramp = *spec.mutable_delivery()->mutable_rate();
  ramp.set_start("6/m");
  ramp.set_factor(4);
  ramp.set_after_succeeded(10);
  ramp.set_max("1/s");
  lab.CreateAndStart(spec);
  lab.Wait(absl::Minutes(1));
  EXPECT_NEAR(static_cast<double>(InState(lab, v1::DEPLOYMENT_STATE_SUCCEEDED).size()), 7, 1);
  lab.Wait(absl::Minutes(1));
  EXPECT_GT(InState(lab, v1::DEPLOYMENT_STATE_SUCCEEDED).size(), 20U);
  lab.Wait(absl::Minutes(2));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED);
}

TEST(RateRamp, IsReadAndLimited) {
  EXPECT_NEAR(*ParseRate("30/m"), 0.5, 1e-12);
  EXPECT_NEAR(*ParseRate("3600/h"), 1, 1e-12);
  for (const char* wrong : {"", "50", "50/d", "-1/m", "0/m", "x/m", "nan/m", "1e9/s", "50/"}) {
    EXPECT_EQ(ParseRate(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
  }
  v1::RateRamp ramp;
  EXPECT_FALSE(RateAfter(ramp, 0).has_value());
  ramp.set_start("60/m");
  ramp.set_factor(2);
  ramp.set_after_succeeded(100);
  ramp.set_max("5/s");
  EXPECT_NEAR(*RateAfter(ramp, 99), 1, 1e-12);
  EXPECT_NEAR(*RateAfter(ramp, 200), 4, 1e-12);
  EXPECT_NEAR(*RateAfter(ramp, 4'000'000), 5, 1e-12);
}

TEST(RateRamp, IsCheckedWithTheSpec) {
  v1::RateRamp ramp;
  EXPECT_TRUE(CheckRamp(ramp).ok());
  ramp.set_max("5/s");
  EXPECT_EQ(CheckRamp(ramp).code(), StatusCode::kInvalidArgument);
  ramp.set_start("50 per minute");
  EXPECT_EQ(CheckRamp(ramp).code(), StatusCode::kInvalidArgument);
  ramp.set_start("50/m");
  EXPECT_TRUE(CheckRamp(ramp).ok());
  ramp.set_factor(0.5);
  EXPECT_EQ(CheckRamp(ramp).code(), StatusCode::kInvalidArgument);
}

TEST(RolloutDelivery, OneFailedDeliveryIsTriedAgainByItselfThreeTimes) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {80});
  *spec.mutable_deadlines()->mutable_activate() = ToWire(absl::Hours(24));
  lab.CreateAndStart(spec);
  const std::string device = InState(lab, v1::DEPLOYMENT_STATE_TRIAL).at(0);
  v1::UpdateReport report =
      lab.ReportOf("r", v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::FAILURE_REASON_FETCH_CONNECT);
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    report.set_attempt(attempt);
    lab.Report(device, report);
    ASSERT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE) << attempt;
    lab.Take(lab.book().Tick(lab.now() + absl::Seconds(59)));
    EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE) << attempt;
    lab.Take(lab.book().Tick(lab.now() + absl::Minutes(60)));
    EXPECT_LT(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_ACCEPTED) << attempt;
  }
  report.set_attempt(4);
  lab.Report(device, report);
  lab.Take(lab.book().Tick(lab.now() + absl::Hours(3)));
  EXPECT_EQ(lab.StateOf("r", device), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
}

// 90 devices in trial, 10 of them old.
void StartWithOldOnes(RolloutLab& lab) {
  int i = 0;
  for (auto& [id, device] : lab.fleet().devices) {
    device.mutable_facts()->set_hardware(i++ % 9 == 0 ? "old" : "new");
  }
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {90});
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(60);
  lab.CreateAndStart(spec);
}

void FailOldOnes(RolloutLab& lab, int most) {
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    if (most > 0 && lab.fleet().devices[id].facts().hardware() == "old") {
      lab.Report(id, lab.ReportOf("r", v1::DEPLOYMENT_STATE_FAILED_REVERTED,
                                  v1::FAILURE_REASON_INSTALL_SMOKE_FAILED));
      --most;
    }
  }
}

TEST(RolloutClusters, AKindOfDeviceThatFailsIsHeldAndTheRestGoesOn) {
  RolloutLab lab(99);
  StartWithOldOnes(lab);
  FailOldOnes(lab, 3);
  const v1::Rollout& rollout = lab.Rollout("r");
  ASSERT_EQ(rollout.held_strata_size(), 1) << rollout.why();
  EXPECT_EQ(rollout.held_strata(0).facet(), "hardware");
  EXPECT_EQ(rollout.held_strata(0).value(), "old");
  EXPECT_EQ(rollout.held_strata(0).failures(), 3U);
  EXPECT_EQ(rollout.state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_EQ(rollout.waves(0).excused(), 3U) << "they condemn the old ones, not the release";
  // Nobody of them is offered the release any more; the others get it.
  lab.Publish("1.0.0", Conduct::kGood);
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    lab.Report(id, lab.ReportOf("r", v1::DEPLOYMENT_STATE_SUCCEEDED));
  }
  lab.Settle();
  lab.Wait(absl::Minutes(2));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_COMPLETED) << lab.Rollout("r").why();
  const std::vector<std::string> waiting = InState(lab, v1::DEPLOYMENT_STATE_PENDING);
  EXPECT_FALSE(waiting.empty());
  for (const std::string& id : waiting) {
    EXPECT_EQ(lab.fleet().devices[id].facts().hardware(), "old") << id;
  }
}

TEST(RolloutClusters, APersonLetsThemGoOn) {
  RolloutLab lab(99);
  StartWithOldOnes(lab);
  FailOldOnes(lab, 3);
  ASSERT_EQ(lab.Rollout("r").held_strata_size(), 1);
  ASSERT_TRUE(lab.Act("r", v1::ROLLOUT_ACTION_RESUME).ok());
  EXPECT_EQ(lab.Rollout("r").held_strata_size(), 0);
  lab.Publish("1.0.0", Conduct::kGood);
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    lab.Report(id, lab.ReportOf("r", v1::DEPLOYMENT_STATE_SUCCEEDED));
  }
  lab.Settle();
  lab.Wait(absl::Minutes(1));
  EXPECT_TRUE(InState(lab, v1::DEPLOYMENT_STATE_PENDING).empty());
}

TEST(RolloutClusters, CanBeSwitchedOff) {
  RolloutLab lab(99);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  int i = 0;
  for (auto& [id, device] : lab.fleet().devices) {
    device.mutable_facts()->set_hardware(i++ % 9 == 0 ? "old" : "new");
  }
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {90});
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(60);
  spec.mutable_strategy()->mutable_judge()->set_on_cluster(v1::ON_CLUSTER_IGNORE);
  lab.CreateAndStart(spec);
  FailOldOnes(lab, 3);
  EXPECT_EQ(lab.Rollout("r").held_strata_size(), 0);
}

TEST(RolloutClusters, OneSitesBurstCountsOnceForTheJudge) {
  RolloutLab lab(99);
  SpreadOverSites(lab, 20);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {90});
  spec.mutable_strategy()->mutable_waves(0)->set_max_in_flight(90);
  spec.mutable_strategy()->mutable_judge()->set_on_cluster(v1::ON_CLUSTER_IGNORE);
  lab.CreateAndStart(spec);
  std::uint32_t failed = 0;
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    const std::string& site = lab.fleet().devices[id].labels().at("site");
    if (site == "site-3" || site == "site-4") {
      lab.Report(id, lab.ReportOf("r", v1::DEPLOYMENT_STATE_FAILED_REVERTED,
                                  v1::FAILURE_REASON_INSTALL_SMOKE_FAILED));
      ++failed;
    }
  }
  ASSERT_GT(failed, 5U);
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING) << lab.Rollout("r").why();
  EXPECT_EQ(lab.Rollout("r").waves(0).quality_failures(), failed);
  EXPECT_EQ(lab.Rollout("r").waves(0).excused(), failed - 2);
  lab.Reload();
  // A third site: it is the release after all.
  for (const std::string& id : InState(lab, v1::DEPLOYMENT_STATE_TRIAL)) {
    if (lab.fleet().devices[id].labels().at("site") == "site-5") {
      lab.Report(id, lab.ReportOf("r", v1::DEPLOYMENT_STATE_FAILED_REVERTED,
                                  v1::FAILURE_REASON_INSTALL_SMOKE_FAILED));
      break;
    }
  }
  EXPECT_EQ(lab.Rollout("r").waves(0).excused(), 0U);
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_ABORTING) << lab.Rollout("r").why();
}

TEST(RolloutStrata, TheCanaryHasDevicesOfEachKind) {
  RolloutLab lab(60);
  int i = 0;
  for (auto& [id, device] : lab.fleet().devices) {
    device.mutable_facts()->set_hardware(i < 50 ? "usual" : i < 57 ? "rare" : "unique");
    ++i;
  }
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {4});
  spec.mutable_strategy()->mutable_waves(0)->add_stratify_by("hardware");
  spec.mutable_strategy()->mutable_waves(0)->set_min_per_stratum(5);
  lab.CreateAndStart(spec);
  std::map<std::string, int> kinds;
  for (const std::string& id : lab.Members("r", 0)) {
    ++kinds[lab.fleet().devices[id].facts().hardware()];
  }
  EXPECT_EQ(kinds["usual"], 5);
  EXPECT_EQ(kinds["rare"], 5);
  EXPECT_EQ(kinds["unique"], 3) << "as far as there are so many";
}

TEST(FleetNetwork, PausesEveryRolloutWhileItIsDownAndStopsTheDeadlines) {
  RolloutLab lab(60);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec spec = RolloutLab::Spec("r", "1.0.0", {5});
  *spec.mutable_deadlines()->mutable_activate() = ToWire(absl::Minutes(10));
  lab.CreateAndStart(spec);
  lab.Wait(absl::Seconds(2));
  const std::vector<std::string> members = lab.Members("r", 0);
  int cut = 0;
  for (const auto& [id, device] : lab.fleet().devices) {
    const bool member = std::find(members.begin(), members.end(), id) != members.end();
    if (!member && cut++ < 13) {
      lab.SetOnline(id, v1::LIVENESS_OFFLINE);
    }
  }
  lab.Wait(absl::Seconds(2));
  EXPECT_EQ(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_FLEET_CONNECTIVITY);
  lab.Wait(absl::Minutes(11));
  EXPECT_TRUE(InState(lab, v1::DEPLOYMENT_STATE_TIMED_OUT).empty()) << "deadlines stand still";
  for (const auto& [id, device] : lab.fleet().devices) {
    lab.SetOnline(id, v1::LIVENESS_ONLINE);
  }
  lab.Wait(absl::Seconds(2));
  EXPECT_EQ(lab.Rollout("r").state(), v1::ROLLOUT_STATE_RUNNING);
  EXPECT_TRUE(InState(lab, v1::DEPLOYMENT_STATE_TIMED_OUT).empty());
}

TEST(FleetNetwork, DevicesThatGoHomeOneByOneAreNoOutage) {
  RolloutLab lab(60);
  lab.Publish("1.0.0", Conduct::kSticksInTrial);
  lab.CreateAndStart(RolloutLab::Spec("r", "1.0.0", {5}));
  lab.Wait(absl::Seconds(2));
  int cut = 0;
  for (const auto& [id, device] : lab.fleet().devices) {
    if (cut++ < 40) {
      lab.SetOnline(id, v1::LIVENESS_OFFLINE);
      lab.Take(lab.book().Tick(lab.now() + absl::Minutes(20) * cut));
      EXPECT_NE(lab.Rollout("r").pause_reason(), v1::PAUSE_REASON_FLEET_CONNECTIVITY) << cut;
    }
  }
}

}  // namespace
}  // namespace flotilla::rollout
