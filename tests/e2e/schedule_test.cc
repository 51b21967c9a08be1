// When a rollout reaches devices: freezes, windows and pins against real programs.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

#include "base/os_clock.h"
#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

class Schedule : public FleetTest {
 protected:
  static std::string Name(const std::string& version) { return absl::StrCat(kLine, "-", version); }
  std::string Explained(const std::string& version) const {
    return site_.Fleetctl({"rollout", "explain", Name(version)}).out;
  }
  bool Reaches(const std::string& version, const std::string& state) const {
    return Eventually([&] { return site_.RolloutState(version) == state; }, absl::Seconds(150));
  }
  Status Create(const std::string& version, const Command& more) const {
    Command words = {"rollout", "create", "--line",  kLine, "--version", version,
                     "--waves", "rest",   "--trial", "1s",  "--soak",    "1s"};
    words.insert(words.end(), more.begin(), more.end());
    return site_.Run(words);
  }
};

TEST_F(Schedule, AFreezeHoldsARolloutAndDeletingItLetsItEnd) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1", "pump-2"}));
  Must(site_.Push("2.0.0", kModelV2, 90));
  Must(
      site_.Run({"freeze", "create", "holidays", "--until", "12h", "--reason", "nobody is there"}));
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Reaches("2.0.0", "PAUSED"));
  EXPECT_NE(Explained("2.0.0").find("paused by freeze holidays"), std::string::npos)
      << Explained("2.0.0");
  EXPECT_NE(site_.Why("pump-1").find("Freeze holidays"), std::string::npos) << site_.Why("pump-1");

  // A controller that was killed meanwhile still knows.
  site_.KillController();
  Must(site_.StartController());
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "PAUSED"; }));
  EXPECT_NE(site_.Fleetctl({"freeze", "list"}).out.find("IN FORCE"), std::string::npos);
  EXPECT_EQ(site_.Runs("pump-1"), "1.0.0");
  EXPECT_FALSE(site_.Run({"rollout", "resume", Name("2.0.0")}).ok());

  Must(site_.Run({"freeze", "delete", "holidays", "--comment", "all are back"}));
  EXPECT_TRUE(Reaches("2.0.0", "COMPLETED")) << Explained("2.0.0");
  EXPECT_EQ(site_.Runs("pump-2"), "2.0.0");
  const std::string audit = site_.Fleetctl({"audit", "list"}).out;
  EXPECT_NE(audit.find("freeze.create"), std::string::npos) << audit;
  EXPECT_NE(audit.find("freeze.delete"), std::string::npos) << audit;
}

// The window opens at the next full minute. The device fetches the release before, and goes over to
// it then.
TEST_F(Schedule, ADeviceStagesTheReleaseAndGoesOverToItWhenItsWindowOpens) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1"}));
  Must(site_.Push("2.0.0", kModelV2, 90));
  const Time now = OsClock().Now();
  const absl::CivilMinute opens(absl::ToCivilMinute(now + absl::Seconds(120), absl::UTCTimeZone()));
  const std::string window =
      absl::StrCat("FREQ=DAILY;BYHOUR=", opens.hour(), ";BYMINUTE=", opens.minute(),
                   " 1h device-local activate");
  Must(Create("2.0.0", {"--window", window}));
  Must(site_.Run({"rollout", "start", Name("2.0.0"), "--yes"}));
  EXPECT_TRUE(Eventually([&] { return site_.DeploymentState("2.0.0", "pump-1") == "WAITING"; }))
      << site_.DeploymentState("2.0.0", "pump-1") << site_.Why("pump-1");
  EXPECT_NE(site_.Why("pump-1").find("its activate windows are closed; the next opening is"),
            std::string::npos)
      << site_.Why("pump-1");
  EXPECT_EQ(site_.Runs("pump-1"), "1.0.0");
  EXPECT_TRUE(Reaches("2.0.0", "COMPLETED")) << site_.Why("pump-1");
  EXPECT_GE(OsClock().Now(), absl::FromCivil(opens, absl::UTCTimeZone()));
  EXPECT_EQ(site_.Runs("pump-1"), "2.0.0");
}

TEST_F(Schedule, ARolloutOutOfItsWindowWaitsUntilAnEditOpensIt) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1"}));
  Must(site_.Push("2.0.0", kModelV2, 90));
  const Time now = OsClock().Now();
  const absl::CivilHour later(absl::ToCivilHour(now + absl::Hours(12), absl::UTCTimeZone()));
  Must(Create("2.0.0", {"--window", absl::StrCat("FREQ=DAILY;BYHOUR=", later.hour(), " 1h UTC")}));
  Must(site_.Run({"rollout", "start", Name("2.0.0"), "--yes"}));
  EXPECT_TRUE(Reaches("2.0.0", "PAUSED"));
  EXPECT_NE(Explained("2.0.0").find("accept windows are closed; the next opening is"),
            std::string::npos)
      << Explained("2.0.0");
  EXPECT_EQ(site_.Fleetctl({"rollout", "set", Name("2.0.0")}).exit_code, 2);
  Must(site_.Run({"rollout", "set", Name("2.0.0"), "--no-windows", "--comment", "urgent"}));
  EXPECT_TRUE(Reaches("2.0.0", "COMPLETED")) << Explained("2.0.0");
  EXPECT_NE(site_.Fleetctl({"audit", "list"}).out.find("rollout.set"), std::string::npos);
}

TEST_F(Schedule, APinnedDeviceKeepsItsReleaseUntilItIsUnpinned) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"pump-1", "pump-2"}));
  Must(site_.Push("2.0.0", kModelV2, 90));
  Must(site_.Run(
      {"device", "pin", "pump-1", "--line", kLine, "--release", "1.0.0", "--reason", "reference"}));
  Must(Create("2.0.0", {"--selector", "device=pump-2"}));
  Must(site_.Run({"rollout", "start", Name("2.0.0"), "--yes"}));
  EXPECT_TRUE(Reaches("2.0.0", "COMPLETED")) << Explained("2.0.0");
  EXPECT_NE(site_.Why("pump-1").find("pinned to it by"), std::string::npos) << site_.Why("pump-1");
  Must(site_.Run({"device", "pin", "pump-1", "--line", kLine, "--release", "2.0.0"}));
  EXPECT_TRUE(Eventually([&] { return site_.Runs("pump-1") == "2.0.0"; })) << site_.Why("pump-1");
  Must(site_.Run({"device", "unpin", "pump-1", "--line", kLine}));
  EXPECT_EQ(site_.Fleetctl({"device", "pins", "-o", "json"}).out.find("pump-1"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::e2e
