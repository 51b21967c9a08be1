#include "agent/health/reporter.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/dap/report.h"
#include "telemetry/schema/registry.h"
#include "tests/unit/agent/health/reporter_device.h"

namespace flotilla::agent {
namespace {

using schema::MetricId;
using testing::HasSubstr;

dap::TaskConfiguration Gate(std::uint8_t release = 1) {
  return TaskOf(MetricId::kGateVerdict, ReleaseOf(release), kHourLong, kStart);
}

// Every metric in demonstrations of 20 s, all windows within the budget.
std::vector<dap::TaskConfiguration> AllMetrics() {
  std::vector<dap::TaskConfiguration> tasks;
  for (const schema::Metric& metric : schema::AllMetrics()) {
    dap::TaskConfiguration task =
        DemoOf(metric.id, ReleaseOf(1), absl::Seconds(20), kStart + absl::Seconds(20));
    task.noise.parameter = {1, 8};
    tasks.push_back(task);
  }
  return tasks;
}

TEST(Reporter, SendsOneReportOfEachWindowInTheNextOne) {
  Shared shared;
  Device device(shared, {Gate()});
  device.Start();
  device.executor.Advance(absl::Hours(5));
  ASSERT_EQ(2U, device.uploads.size());
  for (std::size_t i = 0; i < 2; ++i) {
    const Time end = kStart + kHourLong * static_cast<int>(i + 1);
    EXPECT_GE(device.uploads[i].at, end);
    EXPECT_LT(device.uploads[i].at, end + kHourLong + device.options.tick);
    EXPECT_EQ(32U + 668U, device.uploads[i].bytes.size());
  }
  EXPECT_EQ(2 * dp::kNanoEpsilon, device.Spent());
  EXPECT_THAT(device.Sent(), HasSubstr("gate_verdict window 2026-01-01T00:00:00Z 1h 700 bytes: "
                                       "taken"));
}

TEST(Reporter, ReportsAreOpenedByTheirTwoReceiversAlone) {
  Shared shared;
  Device device(shared, {Gate()});
  device.Start();
  device.executor.Advance(absl::Hours(2));
  ASSERT_FALSE(device.uploads.empty());
  const auto report = dap::Report::Decode(ByteView(device.uploads[0].bytes).subspan(32));
  ASSERT_TRUE(report.ok()) << report.status();
}

// Requests, crashes, marks and sensor values of a device that is used as `seed` says.
void Use(Device& device, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int second = 0; second < 130; ++second) {
    for (std::uint64_t i = random() % 40; i > 0; --i) {
      schema::RequestFinished request;
      request.time_to_first_token = absl::Milliseconds(static_cast<int>(random() % 5000));
      request.whole = absl::Milliseconds(5000 + static_cast<int>(random() % 50'000));
      request.decoded_tokens = random() % 500;
      request.decode_time = absl::Milliseconds(1 + static_cast<int>(random() % 4000));
      request.tokens = request.decoded_tokens + 1;
      device.sampler.OnRequest("pump", request);
      device.sampler.OnOutcome(
          "pump", random() % 2 == 0 ? schema::Outcome::kSolved : schema::Outcome::kNotSolved);
      device.sampler.OnMemory("pump", {random() % 1000, 1000});
      device.sampler.OnBusy("pump", absl::Milliseconds(100));
    }
    if (random() % 9 == 0) {
      device.sampler.OnCrash("pump", schema::CrashClass::kSegv);
    }
    device.sensors.celsius = static_cast<double>(random() % 100);
    device.sensors.joules = device.sensors.joules.value_or(0) + static_cast<double>(random() % 50);
    device.executor.Advance(absl::Seconds(1));
  }
}

TEST(Reporter, WhenAndHowMuchItSendsDoesNotDependOnLoad) {
  Shared shared;
  const auto schedule = [&](std::uint64_t load) {
    Device device(shared, AllMetrics());
    device.options = ForDemonstrations(device.options);
    device.Start();
    if (load == 0) {
      device.executor.Advance(absl::Seconds(130));
    } else {
      Use(device, load);
    }
    std::vector<std::pair<Time, std::size_t>> sent;
    for (const Upload& upload : device.uploads) {
      sent.emplace_back(upload.at, upload.bytes.size());
    }
    EXPECT_EQ(48 * dp::kNanoEpsilon / 8, device.Spent());
    return sent;
  };
  const auto idle = schedule(0);
  EXPECT_EQ(48U, idle.size());
  for (std::uint64_t load = 1; load <= 5; ++load) {
    EXPECT_EQ(idle, schedule(load));
  }
}

TEST(Reporter, TheSameTimesAndCountsMakeTheSameBytes) {
  Shared shared;
  const auto live = [&] {
    Device device(shared, AllMetrics());
    device.options = ForDemonstrations(device.options);
    device.Start();
    Use(device, 4);
    std::vector<Bytes> sent;
    for (const Upload& upload : device.uploads) {
      sent.push_back(upload.bytes);
    }
    return std::make_pair(sent, device.Files());
  };
  const auto once = live();
  EXPECT_EQ(48U, once.first.size());
  EXPECT_EQ(once, live());
}

TEST(Reporter, SendsAgainTheSameBytesUntilTheLeaderTookThem) {
  Shared shared;
  Device device(shared, {Gate()});
  device.results = {v1::UPLOAD_RESULT_TRY_AGAIN, v1::UPLOAD_RESULT_TRY_AGAIN};
  device.Start();
  device.executor.Advance(absl::Hours(2));
  ASSERT_GE(device.uploads.size(), 3U);
  EXPECT_EQ(device.uploads[0].bytes, device.uploads[1].bytes);
  EXPECT_EQ(device.uploads[0].bytes, device.uploads[2].bytes);
  EXPECT_THAT(device.Sent(), HasSubstr("700 bytes: taken\n"));
}

TEST(Reporter, ForgetsWhatTheLeaderWillNotTake) {
  for (const v1::UploadResult final :
       {v1::UPLOAD_RESULT_UNKNOWN_TASK, v1::UPLOAD_RESULT_TOO_LATE, v1::UPLOAD_RESULT_TOO_EARLY}) {
    Shared shared;
    Device device(shared, {Gate()});
    device.results = {final};
    device.Start();
    device.executor.Advance(absl::Hours(2) - absl::Seconds(10));
    EXPECT_EQ(1U, device.uploads.size());
    EXPECT_THAT(device.Sent(), HasSubstr("not taken"));
  }
}

TEST(Reporter, AReportIsDroppedWhenNobodyTookItInTime) {
  Shared shared;
  Device device(shared, {Gate()});
  device.client.on_upload = [&](const v1::UploadRequest& request) {
    device.uploads.push_back({device.executor.Now(), ToBytes(request.report())});
    return StatusOr<v1::UploadResponse>(Unavailable("no session"));
  };
  device.Start();
  device.executor.Advance(absl::Hours(6));
  EXPECT_GT(device.uploads.size(), 4U);
  EXPECT_LT(device.uploads.back().at, kStart + absl::Hours(3) + absl::Minutes(6));
  EXPECT_THAT(device.Sent(), HasSubstr("no leader was reached in time"));
  std::set<Bytes> different;
  for (const Upload& upload : device.uploads) {
    different.insert(upload.bytes);
  }
  EXPECT_EQ(2U, different.size());  // one for each window
}

TEST(Reporter, WithoutAPinnedHelperItAsksNobody) {
  Shared shared;
  Device device(shared, {Gate()});
  device.options.tasks.helper_identity.reset();
  device.Start();
  device.executor.Advance(absl::Hours(3));
  EXPECT_TRUE(device.client.asked().empty());
  EXPECT_TRUE(device.uploads.empty());
  EXPECT_THAT(device.Status(), HasSubstr("pinned no helper"));
}

TEST(Reporter, ChargesNothingBeforeTheTimeWasVerified) {
  Shared shared;
  Device device(shared, {Gate()});
  device.verified = false;
  device.Start();
  device.executor.Advance(absl::Minutes(70));
  EXPECT_EQ(0U, device.Spent());
  device.verified = true;
  device.executor.Advance(absl::Minutes(50));
  EXPECT_EQ(1U, device.uploads.size());
}

TEST(Reporter, AWindowWithoutVerifiedTimeStaysSilent) {
  Shared shared;
  Device device(shared, {Gate()});
  device.verified = false;
  device.Start();
  device.executor.Advance(absl::Hours(4));
  EXPECT_TRUE(device.uploads.empty());
  EXPECT_EQ(0U, device.Spent());
  EXPECT_THAT(device.Sent(), HasSubstr("could not be verified"));
}

TEST(Reporter, AReleaseThatDoesNotRunHereIsNotReportedOn) {
  Shared shared;
  Device device(shared, {Gate(2)});
  device.Start();
  device.executor.Advance(absl::Minutes(30));
  EXPECT_THAT(device.Status(), HasSubstr("does not run that release"));
  device.sampler.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kServing);
  device.executor.Advance(absl::Minutes(90));
  EXPECT_EQ(1U, device.uploads.size());  // of the window in which it began to run
}

TEST(Reporter, AReleaseThatIsLeftBeforeTheEndIsNotReportedOn) {
  Shared shared;
  Device device(shared, {Gate()});
  device.Start();
  device.executor.Advance(absl::Minutes(30));
  device.sampler.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kServing);
  device.executor.Advance(absl::Hours(3));
  EXPECT_TRUE(device.uploads.empty());
  EXPECT_EQ(0U, device.Spent());
}

TEST(Reporter, ADeviceThatWentBackSaysSoInEveryWindowOfTheGate) {
  Shared shared;
  Device device(shared, {Gate(2)});
  device.Start();
  device.sampler.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kServing);
  device.executor.Advance(absl::Minutes(10));
  device.sampler.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kGaveUp);
  device.sampler.OnRelease("pump", ReleaseOf(1), schema::ReleaseFate::kServing);
  device.client.tasks = shared.fleet.Answer({});  // of a release that does not run here any more
  device.executor.Advance(absl::Hours(4));
  EXPECT_EQ(2U, device.uploads.size());
}

TEST(Reporter, ARestartSendsWhatWasSpooledAndNothingTwice) {
  Shared shared;
  Device device(shared, {Gate()});
  device.results.assign(1000, v1::UPLOAD_RESULT_TRY_AGAIN);
  device.Start();
  device.executor.Advance(absl::Minutes(61));
  device.reporter.reset();
  device.executor.RunReady();
  device.results.clear();
  device.uploads.clear();
  device.Start();
  device.executor.Advance(absl::Minutes(58));
  ASSERT_EQ(1U, device.uploads.size());
  EXPECT_EQ(dp::kNanoEpsilon, device.Spent());
}

TEST(Reporter, NothingIsSentAfterStop) {
  Shared shared;
  Device device(shared, {Gate()});
  device.Start();
  device.executor.Advance(absl::Minutes(61));
  device.uploads.clear();
  device.reporter->Stop();
  device.executor.Advance(absl::Hours(5));
  EXPECT_TRUE(device.uploads.empty());
}

TEST(Reporter, TellsThePersonWhatItWouldSay) {
  Shared shared;
  Device device(shared, {Gate()});
  device.Start();
  device.executor.Advance(absl::Minutes(2));
  const std::string status = device.Status();
  EXPECT_THAT(status, HasSubstr("line pump, release 010101010101"));
  EXPECT_THAT(status, HasSubstr("  crash_class: 'none'\n"));
  EXPECT_THAT(status, HasSubstr("gate_verdict of release 010101010101, arm canary"));
  EXPECT_THAT(status, HasSubstr("report of 700 bytes at 2026-01-01T01:"));
  EXPECT_THAT(status, HasSubstr("would say now: 'no-data'"));
}

}  // namespace
}  // namespace flotilla::agent
