// The runbooks about devices and the CA: their sh blocks, run one after another as a person would.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/process.h"
#include "tests/runbooks/runbook_page.h"

namespace flotilla::e2e {
namespace {

class Runbook : public FleetTest {
 protected:
  CommandResult Follow(const std::string& name) {
    std::string script = "set -euo pipefail\n";
    for (const std::string& block : BlocksOf(std::filesystem::path(FLOTILLA_RUNBOOKS) / name)) {
      script += block;
    }
    const std::string bin = std::filesystem::path(Program("fleetctl")).parent_path().string();
    return RunCommand({"/bin/bash", "-c", script},
                      {"FLOTILLA_CONTEXT_FILE=" + (site_.folder() / "contexts.yaml").string(),
                       "PATH=" + bin + ":/usr/bin:/bin", "DEVICE=pump-1",
                       "CONTROLLER_CONFIG=" + (site_.folder() / "controller.yaml").string()},
                      absl::Seconds(90));
  }
  bool Online(const std::string& device) const {
    const CommandResult shown = site_.Fleetctl({"device", "get", device});
    return shown.exit_code == 0 && shown.out.find("ONLINE") != std::string::npos;
  }
};

TEST_F(Runbook, DeviceLostOrStolen) {
  Device* device = Enrolled("pump-1");
  const CommandResult done = Follow("device-lost-or-stolen.md");
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_TRUE(
      Eventually([&] { return device->Log().find("session.refused") != std::string::npos; }));
}

TEST_F(Runbook, CaRotation) {
  Enrolled("pump-1");
  const CommandResult done = Follow("ca-rotation.md");
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_TRUE(Eventually([&] { return Online("pump-1"); }));
}

TEST_F(Runbook, CaKeyStolen) {
  Enrolled("pump-1");
  Device* dark = Enrolled("pump-2");
  dark->Stop();
  const CommandResult done = Follow("ca-key-stolen.md");
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  EXPECT_TRUE(Eventually([&] { return Online("pump-1"); }));
}

}  // namespace
}  // namespace flotilla::e2e
