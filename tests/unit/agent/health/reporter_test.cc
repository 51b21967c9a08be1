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

#include "agent/health/health_paths.h"
#include "agent/health/kept_windows.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "telemetry/dap/report.h"
#include "telemetry/dp/ledger_record.h"
#include "telemetry/schema/registry.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_health_sensors.h"
#include "tests/support/fake_metrics_client.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

using schema::MetricId;
using testing::HasSubstr;

const Time kStart = ParseUtcText("2026-01-01T00:00:00Z").value();
constexpr Duration kHourLong = absl::Hours(1);

// Keys that all devices of this test share, so that two of them can be the same device twice.
struct Shared {
  HealthFleet fleet{kStart};
  std::unique_ptr<security::KeyPair> reporting_key = *security::GenerateEd25519();
};

struct Upload {
  Time at;
  Bytes bytes;
};

class Device {
 public:
  Device(Shared& shared, const std::vector<dap::TaskConfiguration>& tasks, std::uint64_t seed = 11)
      : random_(seed) {
    EXPECT_TRUE(DurableMakeDirs(fs_, HealthDir(dir_.path())).ok());
    EXPECT_TRUE(dp::Ledger::CreateAtEnrolment(fs_, LedgerPath(dir_.path())).ok());
    client.tasks = shared.fleet.Answer(tasks);
    client.on_upload = [this](const v1::UploadRequest& request) {
      uploads.push_back({executor.Now(), ToBytes(request.report())});
      v1::UploadResponse response;
      response.set_result(results.empty() ? v1::UPLOAD_RESULT_TAKEN : results.front());
      if (!results.empty()) {
        results.erase(results.begin());
      }
      return response;
    };
    options.tasks.rules = AllowAll();
    options.tasks.helper_identity = shared.fleet.helper_identity();
    reporting_key_ = shared.reporting_key.get();
  }

  void Start() {
    reporter = *Reporter::Create(
        dir_.path(), options,
        {executor, executor, random_, fs_, sampler, sensors, client, *reporting_key_,
         [this]() -> std::optional<dp::LedgerTime> {
           return verified ? std::optional(dp::LedgerTime{executor.Now(), executor.Now()})
                           : std::nullopt;
         }});
    sampler.OnRelease("pump", ReleaseOf(1), schema::ReleaseFate::kServing);
    reporter->OnSessionUp();
    reporter->Start();
  }
  std::map<std::string, Bytes> Files() const {
    std::map<std::string, Bytes> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      if (entry.is_regular_file()) {
        const auto name = std::filesystem::relative(entry.path(), dir_.path()).string();
        files[name] = *ReadFile(entry.path(), 1 << 20);
      }
    }
    return files;
  }
  std::string Text(const std::filesystem::path& file) const {
    const auto bytes = ReadFile(file, 1 << 20);
    return bytes.ok() ? ToText(*bytes) : std::string();
  }
  std::string Status() const { return Text(HealthStatusPath(dir_.path())); }
  std::string Sent() const { return Text(SentLogPath(dir_.path())); }
  std::uint64_t Spent() const {
    std::uint64_t spent = 0;
    for (const dp::LedgerRecord& record :
         dp::ReadLedger(*ReadFile(LedgerPath(dir_.path()), 1 << 20)).records) {
      spent += record.charge.cost.nano_epsilon;
    }
    return spent;
  }

  const std::filesystem::path& dir() const { return dir_.path(); }

  FakeExecutor executor;
  FakeHealthSensors sensors;
  HealthSampler sampler{executor, {}};
  FakeMetricsClient client{executor};
  ReporterOptions options;
  bool verified = true;
  std::vector<v1::UploadResult> results;  // of the next uploads; then all are taken
  std::vector<Upload> uploads;
  std::unique_ptr<Reporter> reporter;

 private:
  const TempDir dir_;
  OsDurableFs fs_;
  SeededRandom random_;
  security::Signer* reporting_key_ = nullptr;
};

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

std::uint64_t KeptRequests(const Device& device) {
  const HealthSampler again(device.executor, LoadReleaseMemory(ReleaseMemoryPath(device.dir())),
                            LoadKeptWindows(KeptWindowsPath(device.dir())));
  const auto window = again.lines().at("pump").Running(absl::Hours(6));
  return window.has_value() ? window->window.Health().requests : 0;
}

TEST(Reporter, ARestartLosesNoMoreThanAQuarterOfAnHourOfAWindow) {
  Shared shared;
  Device device(shared, {});
  device.Start();
  device.executor.Advance(absl::Minutes(1));
  schema::RequestFinished request;
  request.whole = absl::Seconds(1);
  device.sampler.OnRequest("pump", request);
  device.executor.Advance(absl::Minutes(10));
  EXPECT_EQ(0U, KeptRequests(device)) << "not yet";
  device.executor.Advance(absl::Minutes(5));
  EXPECT_EQ(1U, KeptRequests(device));
  device.sampler.OnRequest("pump", request);
  device.reporter->Stop();
  EXPECT_EQ(2U, KeptRequests(device));
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
