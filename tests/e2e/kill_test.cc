// kill -9 of the agent at each step of an update, and of the controller in the middle of a wave.

#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

class KilledAgent : public FleetTest, public testing::WithParamInterface<const char*> {};

TEST_P(KilledAgent, FinishesTheUpdateAfterARestartAndIsCountedOnce) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"victim"}));
  Device* const device = devices_["victim"];
  Must(site_.Push("2.0.0", kModelV2, 90));
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  const std::string reached =
      std::string(R"("version":"2.0.0","state":"DEPLOYMENT_STATE_)") + GetParam() + "\"";
  ASSERT_TRUE(Eventually([&] { return device->Log().find(reached) != std::string::npos; }));
  device->Kill();

  Must(device->Start());
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
      << site_.RolloutState("2.0.0") << "\n"
      << site_.Why("victim");
  EXPECT_EQ(site_.Runs("victim"), "2.0.0");
  EXPECT_EQ(site_.DeploymentState("2.0.0", "victim"), "SUCCEEDED");
  EXPECT_EQ(site_.WaveCounts("2.0.0"), R"({"200":1})");
  EXPECT_EQ(device->Ask(kLine, kQuestion).substr(0, 11), "Overheating");
}

INSTANTIATE_TEST_SUITE_P(Steps, KilledAgent,
                         testing::Values("ACCEPTED", "DOWNLOADING", "VERIFYING", "STAGED",
                                         "SELF_TESTING", "ACTIVATING", "TRIAL"),
                         [](const auto& step) { return std::string(step.param); });

class KilledController : public FleetTest {};

TEST_F(KilledController, GoesOnWithTheWaveAndLosesOrDoublesNoReport) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"a", "b", "c", "d"}));
  Must(site_.Push("2.0.0", kModelV2, 90));
  Must(site_.RollOut("2.0.0", {{"canary", 1}, {"rest", 0}}));
  ASSERT_TRUE(Eventually([&] {
    return site_.WaveCounts("2.0.0").find("\"200\":1") != std::string::npos;
  })) << site_.WaveCounts("2.0.0");
  site_.KillController();

  Must(site_.StartController());
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
      << site_.RolloutState("2.0.0");
  EXPECT_EQ(site_.WaveCounts("2.0.0"), R"({"200":1} {"200":3})");
  for (const char* name : {"a", "b", "c", "d"}) {
    EXPECT_EQ(site_.Runs(name), "2.0.0") << name;
  }
}

TEST_F(KilledController, LeavesTheDevicesAnswering) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"alone"}));
  Device* const device = devices_["alone"];
  site_.KillController();
  EXPECT_FALSE(device->Ask(kLine, kQuestion).empty());
  device->Kill();
  Must(device->Start());
  EXPECT_TRUE(Eventually([&] { return !device->Ask(kLine, kQuestion).empty(); }))
      << "an agent that starts without a controller serves what it has";
}

}  // namespace
}  // namespace flotilla::e2e
