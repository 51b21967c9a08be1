#ifndef FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/e2e/support/site.h"

namespace flotilla::e2e {

// A site of its own for each test; a failed test prints the ends of all logs.
class FleetTest : public testing::Test {
 protected:
  FleetTest() = default;
  explicit FleetTest(const SiteOptions& options) : site_(options) {}
  void SetUp() override {
    const Status started = site_.Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    if (HasFailure()) {
      std::printf("%s\n", site_.Logs().c_str());
    }
  }

  static bool Eventually(const std::function<bool()>& condition,
                         Duration limit = absl::Seconds(60)) {
    return WaitUntil(limit, condition);
  }
  // Enrols these devices and rolls 1.0.0 out to them; each answers on its endpoint then.
  void FleetOnFirstRelease(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      devices_[name] = Enrolled(name);
      ASSERT_NE(devices_[name], nullptr);
    }
    Must(site_.Push("1.0.0", kModelV1, 40));
    Must(site_.RollOut("1.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }))
        << site_.RolloutState("1.0.0");
    for (const std::string& name : names) {
      Device* const device = devices_[name];
      ASSERT_TRUE(Eventually([&] { return !device->Ask(kLine, kQuestion).empty(); })) << name;
    }
  }
  // A device that has enrolled and is online.
  Device* Enrolled(const std::string& name) {
    const auto device = site_.AddDevice(name);
    if (!device.ok() || !(*device)->Start().ok()) {
      ADD_FAILURE() << name << " could not be started: " << device.status();
      return nullptr;
    }
    // The controller knows of it a moment before its identity is on its disk.
    EXPECT_TRUE(Eventually([&] {
      return site_.Run({"device", "get", name}).ok() &&
             std::filesystem::exists((*device)->state_dir() / "identity/device.pem");
    })) << name;
    return *device;
  }
  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status; }

  Site site_;
  std::map<std::string, Device*> devices_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_
