#ifndef FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_

#include <string>

#include <gtest/gtest.h>

#include "tests/e2e/support/site.h"

namespace flotilla::e2e {

// A site of its own for each test; a failed test prints the ends of all logs.
class FleetTest : public testing::Test {
 protected:
  void SetUp() override {
    const Status started = site_.Start();
    ASSERT_TRUE(started.ok()) << started;
  }
  void TearDown() override {
    if (HasFailure()) {
      std::printf("%s\n", site_.Logs().c_str());
    }
  }

  // A device that has enrolled, runs `version` and answers on its endpoint; null when that failed.
  Device* DeviceOn(const std::string& name, const std::string& version) {
    const auto device = site_.AddDevice(name);
    if (!device.ok() || !(*device)->Start().ok()) {
      ADD_FAILURE() << name << " could not be started: " << device.status();
      return nullptr;
    }
    EXPECT_TRUE(Eventually([&] { return site_.Runs(name) == version; }))
        << name << " runs '" << site_.Runs(name) << "', not " << version;
    return *device;
  }

  static bool Eventually(const std::function<bool()>& condition,
                         Duration limit = absl::Seconds(60)) {
    return WaitUntil(limit, condition);
  }
  // Release 1.0.0 as the line's stable release, which new devices take up by themselves.
  void PublishFirstRelease() {
    Device* const first = Enrolled("first");
    ASSERT_NE(first, nullptr);
    Must(site_.Push("1.0.0", kModelV1, 40));
    Must(site_.RollOut("1.0.0", {{"all", 0}}));
    ASSERT_TRUE(Eventually([&] { return site_.RolloutState("1.0.0") == "COMPLETED"; }))
        << site_.RolloutState("1.0.0");
  }
  // A device that has enrolled and is online.
  Device* Enrolled(const std::string& name) {
    const auto device = site_.AddDevice(name);
    if (!device.ok() || !(*device)->Start().ok()) {
      ADD_FAILURE() << name << " could not be started: " << device.status();
      return nullptr;
    }
    EXPECT_TRUE(Eventually([&] { return site_.Run({"device", "get", name}).ok(); })) << name;
    return *device;
  }
  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status; }

  Site site_;
};

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_FLEET_TEST_H_
