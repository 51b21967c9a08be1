// The real planner and judge over modelled fleets. Figures of many runs: docs/rollouts.md.
#include "controller/rollout/sim/simulation.h"

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"
#include "tests/support/seeded_random.h"

namespace flotilla::rollout {
namespace {

v1::RolloutSpec Spec(const std::vector<std::uint32_t>& counts) {
  v1::RolloutSpec spec;
  spec.set_name("simulated");
  spec.set_line("model");
  spec.set_version("2.0.0");
  spec.mutable_delivery()->set_max_in_flight(50);
  for (const std::uint32_t count : counts) {
    v1::WaveSpec& wave = *spec.mutable_strategy()->add_waves();
    wave.set_name("w" + std::to_string(spec.strategy().waves_size()));
    wave.set_count(count);
    wave.set_max_in_flight(50);
    *wave.mutable_soak() = ToWire(absl::Minutes(30));
  }
  v1::WaveSpec& rest = *spec.mutable_strategy()->add_waves();
  rest.set_name("rest");
  rest.set_percent(100);
  return spec;
}

SimModel Fleet(std::uint32_t devices) {
  SimModel model;
  model.devices = devices;
  model.sites = 40;
  return model;
}

SimResult Fate(const SimModel& model, std::uint64_t seed = 1) {
  SeededRandom random(seed);
  auto result = Simulate(model, Spec({100, 300}), random);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : SimResult{};
}

TEST(Simulation, AReleaseWithoutFaultReachesEveryDevice) {
  const SimResult result = Fate(Fleet(1'000));
  EXPECT_EQ(result.end, SimEnd::kCompleted) << result.rollout.why();
  EXPECT_EQ(result.exposed, 1'000U);
  EXPECT_EQ(result.running, 1'000U);
  EXPECT_EQ(result.cause, "every wave passed");
  EXPECT_EQ(result.reports, 3'000U);
}

TEST(Simulation, ABadReleaseIsAbortedOnTheCanaryAndTakenBack) {
  SimModel model = Fleet(1'000);
  model.release_failures = 0.3;
  const SimResult result = Fate(model);
  EXPECT_EQ(result.end, SimEnd::kAborted) << result.rollout.why();
  EXPECT_EQ(result.cause, "SPRT in wave w1");
  EXPECT_LT(result.exposed, 101U);
  EXPECT_EQ(result.running, 0U) << "the baseline is back";
}

TEST(Simulation, IsTheSameForTheSameSeed) {
  SimModel model = Fleet(600);
  model.release_failures = 0.02;
  model.offline = 0.2;
  model.delivery_failures = 0.02;
  const SimResult first = Fate(model, 7);
  const SimResult second = Fate(model, 7);
  EXPECT_EQ(first.rollout.DebugString(), second.rollout.DebugString());
  EXPECT_EQ(first.exposed, second.exposed);
  EXPECT_NE(Fate(model, 8).took, first.took);
}

TEST(Simulation, DevicesThatAreOfflineDoNotHoldTheRolloutUp) {
  SimModel model = Fleet(1'000);
  model.offline = 0.25;
  const SimResult result = Fate(model);
  EXPECT_EQ(result.end, SimEnd::kCompleted) << result.rollout.why();
  EXPECT_GT(result.exposed, 650U);
  EXPECT_LT(result.exposed, 1'000U);
}

TEST(Simulation, DeliveriesThatFailAreTriedAgainAndCondemnNoRelease) {
  SimModel model = Fleet(1'000);
  model.delivery_failures = 0.03;
  const SimResult result = Fate(model);
  EXPECT_EQ(result.end, SimEnd::kCompleted) << result.rollout.why();
  EXPECT_GT(result.running, 990U);
}

TEST(Simulation, ASourceThatIsDownPausesAndTheRolloutGoesOnByItself) {
  SimModel model = Fleet(1'000);
  model.outages.push_back(*ParseOutage("source@10m+2h"));
  const SimResult result = Fate(model);
  EXPECT_EQ(result.end, SimEnd::kCompleted) << result.rollout.why();
  EXPECT_EQ(result.running, 1'000U);
}

TEST(Simulation, AnUndecidedCanaryTakesMoreDevicesBeforeItIsJudged) {
  // One failure in a hundred devices is neither good nor bad enough.
  bool widened = false;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SimModel model = Fleet(1'000);
    model.release_failures = 0.01;
    const SimResult result = Fate(model, seed);
    widened = widened || (result.rollout.waves(0).members() > 100 &&
                          result.rollout.waves(0).state() == v1::WAVE_STATE_PASSED);
  }
  EXPECT_TRUE(widened);
}

TEST(Simulation, RefusesAFleetThatCannotBe) {
  SimModel model = Fleet(100'001);
  SeededRandom random(1);
  EXPECT_EQ(Simulate(model, Spec({}), random).status().code(), StatusCode::kInvalidArgument);
  model = Fleet(10);
  model.release_failures = 1.5;
  EXPECT_EQ(Simulate(model, Spec({}), random).status().code(), StatusCode::kInvalidArgument);
}

TEST(SimOutage, IsReadAsItIsWritten) {
  const auto network = ParseOutage("network@2h+30m");
  ASSERT_TRUE(network.ok());
  EXPECT_EQ(network->kind, SimOutage::Kind::kNetwork);
  EXPECT_EQ(network->start, absl::Hours(2));
  EXPECT_EQ(network->length, absl::Minutes(30));
  const auto sites = ParseOutage("3sites@0s+1h");
  ASSERT_TRUE(sites.ok());
  EXPECT_EQ(sites->sites, 3U);
  for (const char* wrong : {"", "network", "network@2h", "sites@1h+1h", "0sites@1h+1h",
                            "moon@1h+1h", "network+1h@2h", "network@x+1h"}) {
    EXPECT_EQ(ParseOutage(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
  }
}

}  // namespace
}  // namespace flotilla::rollout
