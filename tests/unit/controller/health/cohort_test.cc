#include "controller/health/cohort.h"

#include <gtest/gtest.h>

#include "tests/support/fake_fleet_view.h"

namespace flotilla::controller {
namespace {

std::string DigestText(char fill) {
  return std::string(Digest::kSize, fill);
}

v1::Device DeviceOn(const std::string& id, char release) {
  v1::Device device;
  device.set_id(id);
  v1::LineStatus& line = *device.add_lines();
  line.set_line("pump");
  line.mutable_current()->set_sha256(DigestText(release));
  return device;
}

// d1 and d2 on 2.0.0, d3 on 1.0.0, d4 on none; d5 is revoked, d6 decommissioned.
class CohortTest : public ::testing::Test {
 protected:
  CohortTest() {
    for (const auto& [version, fill] : {std::pair{"1.0.0", '1'}, std::pair{"2.0.0", '2'}}) {
      v1::Release release;
      release.mutable_ref()->set_line("pump");
      release.mutable_ref()->set_version(version);
      release.mutable_ref()->set_sha256(DigestText(fill));
      fleet_.releases[{"pump", version}] = release;
    }
    Add(DeviceOn("d1", '2'));
    Add(DeviceOn("d2", '2'));
    Add(DeviceOn("d3", '1'));
    v1::Device empty;
    empty.set_id("d4");
    Add(empty);
    v1::Device revoked = DeviceOn("d5", '2');
    revoked.set_revoked(true);
    Add(revoked);
    v1::Device decommissioned = DeviceOn("d6", '2');
    decommissioned.set_decommissioned(true);
    Add(decommissioned);
    request_.set_metric("crash_count");
    request_.set_line("pump");
  }

  void Add(const v1::Device& device) { fleet_.devices[device.id()] = device; }

  flotilla::testing::FakeFleetView fleet_;
  v1::CreateHealthTaskRequest request_;
};

TEST_F(CohortTest, IsOfTheDevicesInUseThatRunTheRelease) {
  request_.set_release("2.0.0");
  const auto ask = AskOf(request_, "1.0.0", fleet_);
  ASSERT_TRUE(ask.ok()) << ask.status();
  EXPECT_EQ(ask->cohort_devices, 2U);
  EXPECT_EQ(ask->version, "2.0.0");
  EXPECT_EQ(ask->arm, dap::Arm::kFleet);
}

TEST_F(CohortTest, IsOfTheBaselineUnlessAReleaseIsNamed) {
  EXPECT_EQ(AskOf(request_, "1.0.0", fleet_)->cohort_devices, 1U);
  EXPECT_EQ(AskOf(request_, "", fleet_).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CohortTest, OfADemonstrationIsEveryDeviceInUse) {
  request_.set_demo(true);
  request_.mutable_demo_window()->set_seconds(15);
  const auto ask = AskOf(request_, "1.0.0", fleet_);
  EXPECT_EQ(ask->cohort_devices, 4U);
  EXPECT_EQ(ask->demo_window, absl::Seconds(15));
  EXPECT_EQ(ask->kind, dap::TaskKind::kDemo);
}

TEST_F(CohortTest, RefusesWhatThereIsNot) {
  request_.set_release("3.0.0");
  EXPECT_EQ(AskOf(request_, "", fleet_).status().code(), StatusCode::kInvalidArgument);
  request_.set_release("2.0.0");
  request_.set_metric("prompts");
  const Status status = AskOf(request_, "", fleet_).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(MessageOf(status).find("ttft_p95_ms"), std::string::npos) << status;
  request_.set_metric("crash_count");
  request_.mutable_demo_window()->set_seconds(5);
  EXPECT_EQ(AskOf(request_, "", fleet_).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::controller
