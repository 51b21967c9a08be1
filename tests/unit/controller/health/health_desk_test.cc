#include "controller/health/health_desk.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "tests/unit/controller/health/health_world.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kDevices = 104;

Time UploadsEnd(const dap::Task& task) {
  return dap::UploadsEndAt(task, task.configuration().interval.start);
}

// The window is over, and devices report.
dap::Task MeasuredTask(HealthWorld& world) {
  dap::Task task = world.AskDemo();
  world.AdvanceTo(task.EndOf(task.configuration().interval.start) + absl::Seconds(2));
  return task;
}

void ExpectCountsNear(const v1::HealthWindow& window, const std::vector<std::int64_t>& truth) {
  ASSERT_EQ(window.buckets_size(), static_cast<int>(truth.size()));
  for (int i = 0; i < window.buckets_size(); ++i) {
    // Six times the interval: not to be missed in the life of this test.
    EXPECT_LE(std::abs(static_cast<double>(window.buckets(i).count() -
                                           truth[static_cast<std::size_t>(i)])),
              6 * window.interval_95());
  }
}

TEST(HealthDesk, CollectsAHistogramFromUploadToResult) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  EXPECT_EQ(world.FirstWindow(task).state(), v1::HEALTH_WINDOW_STATE_REPORTING);
  EXPECT_EQ(world.UploadAll(task), kDevices);
  EXPECT_EQ(world.helper.jobs(), 0U);
  world.AdvanceTo(UploadsEnd(task) + absl::Seconds(1));
  const v1::HealthWindow window = world.FirstWindow(task);
  EXPECT_EQ(window.state(), v1::HEALTH_WINDOW_STATE_COLLECTED);
  EXPECT_EQ(window.reports(), kDevices);
  EXPECT_EQ(window.interval_95(), 8);
  EXPECT_EQ(window.buckets(0).label(), "better");
  EXPECT_EQ(world.HonestSum(task), (std::vector<std::int64_t>{21, 21, 21, 21, 20}));
  ExpectCountsNear(window, world.HonestSum(task));
}

TEST(HealthDesk, ShowsNothingOfFewerDevicesThanTheMinimum) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  for (std::size_t i = 0; i < 99; ++i) {
    ASSERT_TRUE(world.Upload(i, task, world.ReportOf(i, task, 1)).ok());
  }
  world.AdvanceTo(UploadsEnd(task) + absl::Seconds(1));
  const v1::HealthWindow window = world.FirstWindow(task);
  EXPECT_EQ(window.state(), v1::HEALTH_WINDOW_STATE_TOO_FEW);
  EXPECT_EQ(window.buckets_size(), 0);
  EXPECT_EQ(window.reports(), 0U);
  EXPECT_NE(window.reason().find("fewer than 100 distinct devices"), std::string::npos);
  // It was not frozen: nobody drew noise for it.
  const dap::WindowStart start = task.configuration().interval.start;
  EXPECT_FALSE(world.shares.FindCollected(task.id(), start)->has_value());
}

TEST(HealthDesk, CountsASecondCopyOfAReportOnce) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  const Bytes report = world.ReportOf(0, task, 3);
  EXPECT_EQ(*world.Upload(0, task, report), v1::UPLOAD_RESULT_TAKEN);
  EXPECT_EQ(*world.Upload(0, task, report), v1::UPLOAD_RESULT_TAKEN);
  EXPECT_EQ(world.store.Load()->pending.begin()->second, 1U);
}

TEST(HealthDesk, AnswersAnUploadByWhatBecameOfIt) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = world.AskDemo();
  const Bytes report = world.ReportOf(0, task, 3);
  const Time end = task.EndOf(task.configuration().interval.start);
  EXPECT_EQ(*world.Upload(0, task, report), v1::UPLOAD_RESULT_TOO_EARLY);
  world.AdvanceTo(end);
  Bytes longer = report;
  longer.push_back(0);
  EXPECT_EQ(world.Upload(0, task, longer).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(world.Upload(0, task, Bytes(report.begin(), report.end() - 1)).status().code(),
            StatusCode::kInvalidArgument);
  Bytes other_key = report;
  other_key[16 + 8 + 2 + 4 + 64] ^= 0x40U;  // the leader's key id
  EXPECT_EQ(world.Upload(0, task, other_key).status().code(), StatusCode::kInvalidArgument);
  HealthWorld stranger(kDevices);
  stranger.StartLeader();
  EXPECT_EQ(*stranger.Upload(0, task, report), v1::UPLOAD_RESULT_UNKNOWN_TASK);
  world.AdvanceTo(UploadsEnd(task));
  EXPECT_EQ(*world.Upload(0, task, report), v1::UPLOAD_RESULT_TOO_LATE);
}

TEST(HealthDesk, KeepsNoMoreThanAFewReportsOfOneDevice) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  for (std::uint32_t i = 0; i < kUploadsOfADevice; ++i) {
    EXPECT_EQ(*world.Upload(0, task, world.ReportOf(0, task, 3)), v1::UPLOAD_RESULT_TAKEN);
  }
  EXPECT_EQ(world.Upload(0, task, world.ReportOf(0, task, 3)).status().code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(*world.Upload(1, task, world.ReportOf(1, task, 3)), v1::UPLOAD_RESULT_TAKEN);
}

TEST(HealthDesk, WaitsForAHelperThatIsAwayAndLosesNothing) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  world.helper.GoAway();
  EXPECT_EQ(world.UploadAll(task), kDevices);
  world.AdvanceTo(UploadsEnd(task) + absl::Seconds(4));
  EXPECT_EQ(world.FirstWindow(task).state(), v1::HEALTH_WINDOW_STATE_VERIFYING);
  world.helper.ComeBack();
  world.AdvanceTo(UploadsEnd(task) + absl::Seconds(10));
  EXPECT_EQ(world.FirstWindow(task).state(), v1::HEALTH_WINDOW_STATE_COLLECTED);
  EXPECT_EQ(world.FirstWindow(task).reports(), kDevices);
}

TEST(HealthDesk, SaysThatTheHelperWasAwayUntilTheWindowClosed) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const dap::Task task = MeasuredTask(world);
  world.helper.GoAway();
  EXPECT_EQ(world.UploadAll(task), kDevices);
  world.AdvanceTo(UploadsEnd(task) + absl::Seconds(30));
  EXPECT_EQ(world.FirstWindow(task).state(), v1::HEALTH_WINDOW_STATE_FAILED);
  EXPECT_NE(world.FirstWindow(task).reason().find("could not be reached"), std::string::npos);
  EXPECT_TRUE(world.store.Load()->pending.empty());
}

TEST(HealthDesk, RefusesACohortThatIsTooSmallWithoutAskingTheHelper) {
  HealthWorld world(99);
  world.StartLeader();
  world.helper.GoAway();
  const auto refused = world.Ask(dap::TaskKind::kDemo);
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(refused.status()).find("99 devices"), std::string::npos);
  EXPECT_TRUE(world.board.Newest()->results.empty());
}

TEST(HealthDesk, RefusesWhatIsBeingCollectedAlready) {
  HealthWorld world(kDevices);
  world.StartLeader();
  EXPECT_TRUE(world.Ask(dap::TaskKind::kDemo).ok());
  EXPECT_EQ(world.Ask(dap::TaskKind::kDemo).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(world.Ask(dap::TaskKind::kDemo, "crash_count").ok());
}

TEST(HealthDesk, SaysSoWhenTheHelperDoesNotAnswer) {
  HealthWorld world(kDevices);
  world.StartLeader();
  world.helper.GoAway();
  EXPECT_EQ(world.Ask(dap::TaskKind::kDemo).status().code(), StatusCode::kUnavailable);
  world.helper.ComeBack();
  EXPECT_TRUE(world.Ask(dap::TaskKind::kDemo).ok());
}

TEST(HealthDesk, CollectsBothWindowsOfAGateAndOffersItUntilTheLastReport) {
  HealthWorld world(kDevices);
  world.StartLeader();
  const auto shown = world.Ask(dap::TaskKind::kReal);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->epsilon(), 2);
  EXPECT_EQ(shown->delta(), 0);
  EXPECT_EQ(shown->noise(), "discrete Laplace, epsilon 1 for each of 2 windows");
  EXPECT_FALSE(shown->independent());
  ASSERT_EQ(world.board.Newest()->offers.size(), 1U);
  const dap::Task task = *dap::Task::Create(
      *dap::TaskConfiguration::Decode(world.board.Newest()->offers[0].configuration));
  const dap::WindowStart last = task.configuration().interval.start + task.configuration().window;
  world.AdvanceTo(dap::UploadsEndAt(task, last) - absl::Minutes(2));
  EXPECT_EQ(world.board.Newest()->offers.size(), 1U);
  EXPECT_EQ(world.board.Newest()->results[0].windows_size(), 2);
  world.AdvanceTo(dap::UploadsEndAt(task, last) + absl::Minutes(2));
  EXPECT_TRUE(world.board.Newest()->offers.empty());
  for (const v1::HealthWindow& window : world.board.Newest()->results[0].windows()) {
    EXPECT_EQ(window.state(), v1::HEALTH_WINDOW_STATE_TOO_FEW);
  }
}

// The leader dies before or after each of its calls to stores and helper, once in its life, and
// starts again.
TEST(HealthDeskCrash, AtAnyMomentLeavesTheSameResultAndNoReportCountedTwice) {
  int moments_met = 0;
  for (int moment = 1; moment <= 40; ++moment) {
    HealthWorld world(kDevices);
    world.StartLeader();
    const dap::Task task = MeasuredTask(world);
    ASSERT_EQ(world.UploadAll(task), kDevices);
    world.crash.DieAt(moment);
    world.AdvanceTo(UploadsEnd(task) + absl::Seconds(1));
    const bool died = world.crash.dead();
    moments_met += died ? 1 : 0;
    world.crash.DieAt(0);
    world.KillLeader();
    world.StartLeader();
    world.AdvanceTo(UploadsEnd(task) + absl::Seconds(2));
    const v1::HealthWindow window = world.FirstWindow(task);
    ASSERT_EQ(window.state(), v1::HEALTH_WINDOW_STATE_COLLECTED) << moment << window.reason();
    EXPECT_EQ(window.reports(), kDevices) << moment;
    EXPECT_EQ(world.HonestSum(task), (std::vector<std::int64_t>{21, 21, 21, 21, 20})) << moment;
    ExpectCountsNear(window, world.HonestSum(task));
    EXPECT_TRUE(world.store.Load()->pending.empty()) << moment;
    if (!died) break;
  }
  // Oldest reports, job, commit, settle, collection, share, close: each before and after.
  EXPECT_GE(moments_met, 14);
}

TEST(HealthDeskCrash, DuringUploadsLosesNoReportThatWasTaken) {
  for (const int moment : {1, 2, 99, 100, 207, 208}) {
    HealthWorld world(kDevices);
    world.StartLeader();
    const dap::Task task = MeasuredTask(world);
    world.crash.DieAt(moment);
    std::vector<Bytes> reports;
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < kDevices; ++i) {
      reports.push_back(world.ReportOf(i, task, 2));
      const auto result = world.Upload(i, task, reports.back());
      if (!result.ok() || *result != v1::UPLOAD_RESULT_TAKEN) again.push_back(i);
    }
    ASSERT_TRUE(world.crash.dead());
    world.crash.DieAt(0);
    world.KillLeader();
    world.StartLeader();
    for (const std::size_t i : again) {
      EXPECT_EQ(*world.Upload(i, task, reports[i]), v1::UPLOAD_RESULT_TAKEN);
    }
    world.AdvanceTo(UploadsEnd(task) + absl::Seconds(1));
    EXPECT_EQ(world.FirstWindow(task).reports(), kDevices) << moment;
    EXPECT_EQ(world.HonestSum(task), (std::vector<std::int64_t>{0, 0, 104, 0, 0}));
  }
}

}  // namespace
}  // namespace flotilla::controller
