// Devices without a network and without a clock, through the real programs.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/e2e/support/fleet_test.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 64U << 20U;

class Offline : public FleetTest {
 protected:
  fs::path MakeBundle(const Site& site, const std::string& version) const {
    fs::path file = site.folder() / (version + ".bundle");
    Must(site.Run({"bundle", "make", "--release", std::string(kLine) + "@" + version,
                   "--since-root", "1", "--valid", "30d", "--out", file.string()}));
    return file;
  }
  CommandResult Install(const Device& device, const fs::path& file) const {
    return RunCommand({Program("flotilla-agent"), "bundle", "install", "--config",
                       device.config_file().string(), "--log-level", "warning", file.string()},
                      {});
  }
  static std::string StatusText(const Device& device) {
    return RunCommand(
               {Program("flotilla-agent"), "status", "--config", device.config_file().string()}, {})
        .out;
  }
  static bool Runs(const Device& device, const std::string& version) {
    return StatusText(device).find("current " + version) != std::string::npos;
  }
  void ExpectRefusal(const Device& device, const fs::path& file, const std::string& reason) const {
    const CommandResult result = Install(device, file);
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_NE(result.err.find(reason), std::string::npos) << result.err << result.out;
  }
  static void Write(const fs::path& file, const Bytes& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << ToText(bytes);
  }
};

class Bundles : public Offline {};

TEST_F(Bundles, InstallWithoutAnyController) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"running", "stopped"}));
  Must(site_.Push("2.0.0", kModelV2, 60));
  const fs::path file = MakeBundle(site_, "2.0.0");
  const CommandResult checked = site_.Fleetctl({"bundle", "check", file.string(), "--root",
                                                (site_.metadata_dir() / "1.root.json").string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find("2.0.0"), std::string::npos) << checked.out;
  site_.KillController();

  Device& running = *devices_["running"];
  const CommandResult asked = Install(running, file);
  EXPECT_EQ(asked.exit_code, 0) << asked.err << asked.out;
  EXPECT_TRUE(Runs(running, "2.0.0")) << StatusText(running);
  EXPECT_FALSE(running.Ask(kLine, kQuestion).empty());

  Device& stopped = *devices_["stopped"];
  stopped.Stop();
  const CommandResult alone = Install(stopped, file);
  EXPECT_EQ(alone.exit_code, 0) << alone.err << alone.out;
  EXPECT_TRUE(Runs(stopped, "2.0.0")) << StatusText(stopped);
  Must(stopped.Start());
  EXPECT_TRUE(Eventually([&] { return !stopped.Ask(kLine, kQuestion).empty(); }));
}

TEST_F(Bundles, InstallOnADeviceThatNeverSawAController) {
  Must(site_.Push("1.0.0", kModelV1, 40));
  const fs::path file = MakeBundle(site_, "1.0.0");
  const auto added = site_.AddDevice("island");
  ASSERT_TRUE(added.ok()) << added.status();
  Device& device = **added;
  const fs::path root = site_.folder() / "factory.root.json";
  fs::copy_file(site_.metadata_dir() / "1.root.json", root);
  site_.KillController();
  const CommandResult installed = Install(device, file);
  EXPECT_EQ(installed.exit_code, 0) << installed.err << installed.out;
  Must(device.Start());
  EXPECT_TRUE(Eventually([&] { return !device.Ask(kLine, kQuestion).empty(); })) << device.Log();
  EXPECT_NE(StatusText(device).find("device: not enrolled"), std::string::npos);
  // It enrols when the controller is there, and goes on serving.
  Must(site_.StartController());
  EXPECT_TRUE(Eventually([&] {
    return site_.Run({"device", "get", "island"}).ok();
  })) << device.Log();
  EXPECT_TRUE(Eventually([&] { return !device.Ask(kLine, kQuestion).empty(); }));
}

TEST_F(Bundles, AreTakenFromAWatchedFolder) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"field"}));
  Must(site_.Push("2.0.0", kModelV2, 60));
  const fs::path file = MakeBundle(site_, "2.0.0");
  site_.KillController();
  Device& device = *devices_["field"];
  device.Stop();
  const fs::path stick = site_.folder() / "stick";
  fs::create_directories(stick);
  std::ofstream(device.config_file(), std::ios::app) << "bundle_dir: " << stick.string() << "\n";
  Must(device.Start());
  fs::rename(file, stick / file.filename());
  EXPECT_TRUE(Eventually([&] { return Runs(device, "2.0.0"); })) << StatusText(device);
}

TEST_F(Bundles, ThatAreDamagedForeignOrExpiredChangeNothing) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"field"}));
  Must(site_.Push("2.0.0", kModelV2, 60));
  const fs::path file = MakeBundle(site_, "2.0.0");
  Device& device = *devices_["field"];
  const Bytes good = ReadFile(file, kMaxBytes).value();
  const fs::path bad = site_.folder() / "bad.bundle";

  Bytes torn(good.begin(), good.end() - 1);
  Write(bad, torn);
  ExpectRefusal(device, bad, "FORM_BUNDLE");
  EXPECT_NE(site_.Fleetctl({"bundle", "check", bad.string()}).exit_code, 0);
  Bytes longer = good;
  longer.push_back(0);
  Write(bad, longer);
  ExpectRefusal(device, bad, "FORM_BUNDLE");
  Write(bad, ToBytes("no bundle at all, but long enough"));
  ExpectRefusal(device, bad, "FORM_BUNDLE");
  Bytes flipped = good;
  const std::string word = "floor_percent";  // in the release document, which every device reads
  *std::search(flipped.begin(), flipped.end(), word.begin(), word.end()) ^= 1U;
  Write(bad, flipped);
  EXPECT_NE(site_.Fleetctl({"bundle", "check", bad.string()}).err.find("TRUST_HASH_MISMATCH"),
            std::string::npos);
  EXPECT_NE(Install(device, bad).exit_code, 0);

  Site other;
  Must(other.Start());
  Must(other.Push("2.0.0", kModelV2, 60));
  ExpectRefusal(device, MakeBundle(other, "2.0.0"), "TRUST_THRESHOLD");

  // 200 days later, as far as the device knows.
  device.Stop();
  std::istringstream floor(FileText(device.state_dir() / "time_floor"));
  std::string later;
  std::string source;
  std::int64_t seconds = 0;
  std::string keys;
  while (floor >> source >> seconds >> keys) {
    absl::StrAppend(&later, source, " ", seconds + std::int64_t{200} * 86400, " ", keys, "\n");
  }
  Write(device.state_dir() / "time_floor", ToBytes(later));
  ExpectRefusal(device, file, "TRUST_EXPIRED");
  EXPECT_TRUE(Runs(device, "1.0.0")) << StatusText(device);
}

// The clock is faked for the agent alone; the rest of the world has the right time.
class Clocks : public Offline {
 protected:
  // Enrols and runs 1.0.0 with this clock, from nothing.
  void ExpectService(const std::string& name, const std::string& fake) {
    const auto added = site_.AddDevice(name);
    ASSERT_TRUE(added.ok()) << added.status();
    Device& device = **added;
    device.set_clock(fake);
    Must(device.Start());
    ASSERT_TRUE(Eventually([&] {
      return site_.Run({"device", "get", name}).ok();
    })) << device.Log();
    ASSERT_TRUE(Eventually([&] { return !device.Ask(kLine, kQuestion).empty(); })) << device.Log();
    EXPECT_TRUE(Eventually([&] {
      return site_.Fleetctl({"device", "get", name}).out.find("UNTRUSTED") != std::string::npos;
    })) << site_.Fleetctl({"device", "get", name}).out;
    EXPECT_TRUE(Eventually([&] {
      return FileText(device.state_dir() / "time_floor").find("attestation ") != std::string::npos;
    })) << FileText(device.state_dir() / "time_floor");
  }
};

TEST_F(Clocks, OfAnyYearLetADeviceEnrolUpdateAndServe) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"right"}));  // now the baseline of new devices
  ExpectService("no-rtc", "1970-01-01 00:00:10");
  ExpectService("far-future", "2094-01-01 00:00:00");
  // 2^31 - 1 seconds, where 32-bit clocks end.
  ExpectService("max", "2038-01-19 03:14:07");
}

TEST_F(Clocks, ThatStepBackAreNotFollowed) {
  ASSERT_NO_FATAL_FAILURE(FleetOnFirstRelease({"field"}));
  Device& device = *devices_["field"];
  device.Stop();
  device.set_clock("2001-01-01 00:00:00");
  Must(device.Start());
  EXPECT_TRUE(Eventually([&] { return !device.Ask(kLine, kQuestion).empty(); }));
  EXPECT_TRUE(Eventually([&] {
    return StatusText(device).find("UNTRUSTED (FAILURE_REASON_CLOCK_IMPLAUSIBLE)") !=
           std::string::npos;
  })) << StatusText(device);
  Must(site_.Push("2.0.0", kModelV2, 60));
  Must(site_.RollOut("2.0.0", {{"all", 0}}));
  EXPECT_TRUE(Eventually([&] { return site_.RolloutState("2.0.0") == "COMPLETED"; }))
      << site_.Why("field");
}

}  // namespace
}  // namespace flotilla::e2e
