#include "controller/fleet/device_story.h"

#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::controller {
namespace {

TEST(DeviceStory, NamesStateReasonRoleAndGoldenScore) {
  v1::UpdateReport report;
  report.mutable_release()->set_line("pump");
  report.mutable_release()->set_version("3.0.0");
  report.set_state(v1::DEPLOYMENT_STATE_FAILED_REVERTED);
  report.set_reason(v1::FAILURE_REASON_INSTALL_SMOKE_FAILED);
  report.mutable_golden()->set_correct(3);
  report.mutable_golden()->set_running_correct(18);
  report.mutable_golden()->set_total(20);
  report.mutable_golden()->set_floor_percent(60);
  report.set_rollout_id("pump-3");
  report.set_attempt(1);
  EXPECT_EQ(ReportSentence(report),
            "pump 3.0.0: FAILED_REVERTED (310) because INSTALL_SMOKE_FAILED (605); golden prompts: "
            "3 of 20 right, the running release 18 of 20, floor 60 %; rollout pump-3, wave 1, "
            "attempt 1.");
}

TEST(DeviceStory, NamesTheRoleOfATrustFailure) {
  v1::UpdateReport report;
  report.mutable_release()->set_line("pump");
  report.mutable_release()->set_version("3.0.0");
  report.set_state(v1::DEPLOYMENT_STATE_REJECTED_EXPIRED_METADATA);
  report.set_reason(v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
  report.set_role("timestamp");
  EXPECT_EQ(ReportSentence(report),
            "pump 3.0.0: REJECTED_EXPIRED_METADATA (342) because TRUST_EXPIRED_TIMESTAMP (308), "
            "role timestamp.");
}

TEST(DeviceStory, SaysFirstThatADeviceIsNotServed) {
  v1::Device device;
  device.set_revoked(true);
  device.set_clone_suspected(true);
  const auto lines = TellDevice(device, SessionPresence::kNone, {"the rollouts say this"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find("CONTROL_CERTIFICATE_REVOKED (804)"), std::string::npos);
  EXPECT_NE(lines[1].find("CONTROL_CLONED_IDENTITY (806)"), std::string::npos);
  EXPECT_EQ(lines[2], "the rollouts say this");
  EXPECT_NE(lines[3].find("no session"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::controller
