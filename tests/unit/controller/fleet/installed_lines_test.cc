#include "controller/fleet/installed_lines.h"

#include <string>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

v1::UpdateReport ReportOf(v1::DeploymentState state, const std::string& release,
                          const std::string& previous) {
  v1::UpdateReport report;
  report.set_state(state);
  report.mutable_release()->set_line("pump");
  report.mutable_release()->set_version(release);
  report.mutable_release()->set_sha256(release);
  report.set_previous_sha256(previous);
  return report;
}

TEST(InstalledLines, TrialAndSuccessInstallTheRelease) {
  v1::Device device;
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_SUCCEEDED, "1", ""), device);
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_TRIAL, "2", "1"), device);
  ASSERT_EQ(device.lines_size(), 1);
  EXPECT_EQ(device.lines(0).current().version(), "2");
  EXPECT_EQ(device.lines(0).previous().version(), "1");
  EXPECT_TRUE(device.lines(0).trial());
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_SUCCEEDED, "2", "1"), device);
  EXPECT_FALSE(device.lines(0).trial());
  EXPECT_EQ(device.lines(0).previous().version(), "1");
}

TEST(InstalledLines, ARevertedTrialGoesBackAndMarksTheReleaseBad) {
  v1::Device device;
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_SUCCEEDED, "1", ""), device);
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_TRIAL, "2", "1"), device);
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_FAILED_REVERTED, "2", "1"), device);
  EXPECT_EQ(device.lines(0).current().version(), "1");
  EXPECT_FALSE(device.lines(0).has_previous());
  ASSERT_EQ(device.lines(0).marked_bad_sha256_size(), 1);
  EXPECT_EQ(device.lines(0).marked_bad_sha256(0), "2");
}

TEST(InstalledLines, AFailedSelfTestLeavesTheRunningRelease) {
  v1::Device device;
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_SUCCEEDED, "1", ""), device);
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_FAILED_REVERTED, "2", "1"), device);
  EXPECT_EQ(device.lines(0).current().version(), "1");
}

TEST(InstalledLines, OtherReportsChangeNothing) {
  v1::Device device;
  TakeReportedLine(ReportOf(v1::DEPLOYMENT_STATE_DOWNLOADING, "1", ""), device);
  EXPECT_EQ(device.lines_size(), 0);
}

}  // namespace
}  // namespace flotilla::controller
