// One device's private health with a leader that answers in memory.
#ifndef FLOTILLA_TESTS_UNIT_AGENT_HEALTH_REPORTER_DEVICE_H_
#define FLOTILLA_TESTS_UNIT_AGENT_HEALTH_REPORTER_DEVICE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "agent/health/health_paths.h"
#include "agent/health/reporter.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "telemetry/dp/ledger_record.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_health_sensors.h"
#include "tests/support/fake_metrics_client.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {

inline const Time kStart = ParseUtcText("2026-01-01T00:00:00Z").value();
inline constexpr Duration kHourLong = absl::Hours(1);

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
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  // What it measured is written once more, to what is declared behind it.
  ~Device() { reporter.reset(); }

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

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_UNIT_AGENT_HEALTH_REPORTER_DEVICE_H_
