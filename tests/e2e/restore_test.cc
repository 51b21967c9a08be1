// The drill: a backup is taken, more happens, the controller's folder is destroyed, and a second
// one made out of the backup has to deal with devices that know more than it does.

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

class Restored : public FleetTest {
 protected:
  CommandResult Controller(const Command& words) const {
    Command command = {Program("flotilla-controller")};
    command.insert(command.end(), words.begin(), words.end());
    command.insert(command.end(), {"--config", site_.controller_config().string()});
    return RunCommand(command, {});
  }
  fs::path Backup() const { return site_.folder() / "backup"; }
  void TakeBackup() {
    const CommandResult taken = Controller({"backup", "--to", Backup().string(), "--with-secrets"});
    ASSERT_EQ(taken.exit_code, 0) << taken.err << taken.out;
    EXPECT_NE(taken.out.find("devices"), std::string::npos) << taken.out;
  }
  // The first folder is gone; the second controller listens where the first one did.
  void LoseTheControllerAndRestore() {
    const std::string listeners = FileText(site_.state_dir() / "listeners.json");
    site_.KillController();
    fs::remove_all(site_.state_dir());
    site_.UseStateFolder("second");
    const CommandResult restored = Controller({"restore", "--from", Backup().string()});
    ASSERT_EQ(restored.exit_code, 0) << restored.err << restored.out;
    EXPECT_NE(restored.out.find("snapshot and timestamp go on from"), std::string::npos);
    Put(site_.state_dir() / "listeners.json", listeners);
    Must(
        site_.Run({"context", "set", "test", "--from", (site_.state_dir() / "operator").string()}));
    Must(site_.StartController());
  }
  static void Put(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }
  static std::string StatusText(const Device& device) {
    return RunCommand(
               {Program("flotilla-agent"), "status", "--config", device.config_file().string()}, {})
        .out;
  }
  void ExpectRuns(const std::string& version) {
    for (const auto& [name, device] : devices_) {
      EXPECT_TRUE(Eventually([&, n = name] { return site_.Runs(n) == version; }))
          << name << " runs " << site_.Runs(name) << "\n"
          << site_.Why(name);
    }
  }
  bool RollsOut(const std::string& version) {
    Must(site_.RollOut(version, {{"all", 0}}));
    return Eventually([&] { return site_.RolloutState(version) == "COMPLETED"; });
  }
};

TEST_F(Restored, ControllerLearnsFromItsDevicesAndRollsNothingBack) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"a", "b"}));
  Must(site_.Push("2.0.0", kModelV2, 60));
  ASSERT_NO_FATAL_FAILURE(TakeBackup());
  devices_["late"] = Enrolled("late");
  ASSERT_NE(devices_["late"], nullptr);
  ASSERT_TRUE(RollsOut("2.0.0")) << site_.RolloutState("2.0.0");
  ExpectRuns("2.0.0");
  ASSERT_NO_FATAL_FAILURE(LoseTheControllerAndRestore());

  // What the devices tell is what the operator sees, the acknowledged reports included.
  ExpectRuns("2.0.0");
  for (const auto& [name, device] : devices_) {
    EXPECT_TRUE(Eventually([&, n = name] {
      return site_.Why(n).find("plant-slm-2.0.0") != std::string::npos;
    })) << site_.Why(name);
    EXPECT_NE(site_.Why(name).find("a new rollout decides"), std::string::npos) << site_.Why(name);
    EXPECT_NE(StatusText(*device).find("current 2.0.0"), std::string::npos) << StatusText(*device);
    EXPECT_TRUE(Eventually([&, d = device] {
      return StatusText(*d).find("desired plant-slm") == std::string::npos;
    })) << "the backup's baseline, 1.0.0, is asked of nobody: "
        << StatusText(*device);
  }
  EXPECT_NE(site_.Fleetctl({"audit", "list"}).out.find("controller.restored"), std::string::npos);
  EXPECT_EQ(site_.Fleetctl({"audit", "verify"}).exit_code, 0);
  const Status again = site_.RollOut("2.0.0", {{"all", 0}});
  EXPECT_NE(MessageOf(again).find("a restore lost"), std::string::npos) << again;

  // Metadata of the second controller is taken, and a new rollout works.
  Must(site_.Push("2.1.0", kModelV2Small, 60));
  EXPECT_TRUE(RollsOut("2.1.0")) << site_.RolloutState("2.1.0") << site_.Why("a");
  ExpectRuns("2.1.0");
  for (const auto& [name, device] : devices_) {
    EXPECT_EQ(device->Log().find("TRUST_ROLLBACK"), std::string::npos) << name;
  }
}

TEST_F(Restored, ControllerGoesOnWithALineWhoseNewestReleaseItLost) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"a"}));
  ASSERT_NO_FATAL_FAILURE(TakeBackup());
  Must(site_.Push("2.0.0", kModelV2, 60));  // in no backup: the publisher's to publish again
  ASSERT_TRUE(RollsOut("2.0.0")) << site_.RolloutState("2.0.0");
  ASSERT_NO_FATAL_FAILURE(LoseTheControllerAndRestore());
  ExpectRuns("2.0.0");
  Device& device = *devices_["a"];
  EXPECT_FALSE(device.Ask(kLine, kQuestion).empty());

  Must(site_.Push("2.1.0", kModelV2Small, 60));
  EXPECT_TRUE(RollsOut("2.1.0")) << site_.RolloutState("2.1.0") << site_.Why("a");
  ExpectRuns("2.1.0");
  EXPECT_EQ(device.Ask(kLine, kQuestion).substr(0, 11), "Overheating");
}

}  // namespace
}  // namespace flotilla::e2e
