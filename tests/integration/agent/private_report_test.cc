// One device's report on its whole way: engine events, the reporter, mutual TLS, a leader and a
// helper that are real but for their processes, and the sum of a hundred devices.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "agent/health/health_paths.h"
#include "agent/health/reporter.h"
#include "agent/health/spool.h"
#include "agent/session/grpc_channel.h"
#include "agent/session/grpc_metrics_client.h"
#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "flotilla/v1/metrics.grpc.pb.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/verdicts.h"
#include "tests/support/device_listener.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_health_sensors.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/agent/health/health_fleet.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::agent {
namespace {

constexpr std::size_t kDevices = 100;
const Time kStart = ParseUtcText("2026-01-01T00:00:00Z").value();

dap::TaskConfiguration Gate() {
  return TaskOf(schema::MetricId::kGateVerdict, ReleaseOf(2), absl::Hours(1), kStart);
}

std::string SignedList(const dap::HpkeConfig& config, dap::Role role, security::Signer& identity) {
  return ToText(dap::SignHpkeConfigs({{config}}, role, kStart - absl::Hours(1),
                                     absl::Hours(24 * 30), identity)
                    ->Encode());
}

// The leader's two services over the aggregators of `world`.
class LeaderServices final : public v1::MetricsService::Service,
                             public v1::HealthTaskService::Service {
 public:
  LeaderServices(dap::DapWorld& world, const std::function<Time()>& now)
      : world_(world),
        now_(now),
        leader_identity_(*security::GenerateEd25519()),
        helper_identity_(*security::GenerateEd25519()) {}

  const security::PublicKey& helper_identity() const { return helper_identity_->public_key(); }
  bool asked() const { return asked_; }
  std::vector<Bytes> reports() {
    const std::scoped_lock lock(mutex_);
    return reports_;
  }

  grpc::Status GetHealthTasks(grpc::ServerContext* /*context*/,
                              const v1::GetHealthTasksRequest* request,
                              v1::GetHealthTasksResponse* response) override {
    EXPECT_EQ(schema::kSchemaVersion, request->schema_version());
    asked_ = true;
    response->add_task_configurations(ToText(world_.task.encoded()));
    response->set_leader_identity(ToText(leader_identity_->public_key().spki_der()));
    response->set_leader_hpke_configs(
        SignedList(world_.leader_config, dap::Role::kLeader, *leader_identity_));
    response->set_helper_hpke_configs(
        SignedList(world_.helper_config, dap::Role::kHelper, *helper_identity_));
    return grpc::Status::OK;
  }

  grpc::Status Upload(grpc::ServerContext* /*context*/, const v1::UploadRequest* request,
                      v1::UploadResponse* response) override {
    const Bytes bytes = ToBytes(request->report());
    const ByteView id = ByteView(bytes).first(Digest::kSize);
    const Bytes report(bytes.begin() + Digest::kSize, bytes.end());
    const std::scoped_lock lock(mutex_);
    const bool known = *Digest::FromBytes(id) == world_.task.id();
    const auto screened = world_.leader->Screen(report, now_());
    EXPECT_TRUE(screened.ok()) << screened.status();
    const bool taken = known && screened.ok() && *screened == dap::ReportError::kNone;
    if (taken) {
      reports_.push_back(report);
    }
    response->set_result(taken ? v1::UPLOAD_RESULT_TAKEN : v1::UPLOAD_RESULT_TOO_LATE);
    return grpc::Status::OK;
  }

 private:
  dap::DapWorld& world_;
  const std::function<Time()> now_;
  std::unique_ptr<security::KeyPair> leader_identity_;
  std::unique_ptr<security::KeyPair> helper_identity_;
  std::atomic<bool> asked_ = false;
  std::mutex mutex_;
  std::vector<Bytes> reports_;
};

class PrivateReport : public testing::Test {
 public:
  ~PrivateReport() override {
    reporter_.reset();
    executor_.RunReady();
  }
  PrivateReport(const PrivateReport&) = delete;
  PrivateReport& operator=(const PrivateReport&) = delete;

 protected:
  PrivateReport() {
    EXPECT_TRUE(DurableMakeDirs(fs_, HealthDir(dir_.path())).ok());
    EXPECT_TRUE(dp::Ledger::CreateAtEnrolment(fs_, LedgerPath(dir_.path())).ok());
    ReporterOptions options;
    options.tasks.rules = AllowAll();
    options.tasks.helper_identity = services_.helper_identity();
    reporter_ =
        *Reporter::Create(dir_.path(), options,
                          {executor_, executor_, random_, fs_, sampler_, sensors_, client_,
                           *world_.devices[0], [this] {
                             return std::optional(dp::LedgerTime{executor_.Now(), executor_.Now()});
                           }});
  }
  // Lets the device's time pass until `condition` holds; gRPC's time is the real one.
  bool PassUntil(Duration step, const std::function<bool()>& condition) {
    const OsClock real;
    const Duration end = real.Monotonic() + absl::Seconds(60);
    while (!condition() && real.Monotonic() < end) {
      executor_.Advance(step);
      std::this_thread::yield();
    }
    return condition();
  }

  std::vector<SpoolEntry> Waiting() const { return ReadSpool(SpoolDir(dir_.path())); }

  const TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor executor_;
  SeededRandom random_{21};
  dap::DapWorld world_{kDevices, Gate()};
  LeaderServices services_{world_, [this] { return executor_.Now(); }};
  DeviceListener listener_{{static_cast<v1::MetricsService::Service*>(&services_),
                            static_cast<v1::HealthTaskService::Service*>(&services_)}};
  std::shared_ptr<grpc::Channel> channel_ =
      NewChannel(listener_.address(), MutualTls(listener_.NewIdentity()), nullptr);
  GrpcMetricsClient client_{[this] { return channel_; }, executor_};
  FakeHealthSensors sensors_;
  HealthSampler sampler_{executor_, {}};
  std::unique_ptr<Reporter> reporter_;
};

TEST_F(PrivateReport, OfADeviceThatWentBackIsCountedAmongAHundred) {
  sampler_.OnRelease("pump", ReleaseOf(1), schema::ReleaseFate::kServing);
  sampler_.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kServing);
  reporter_->OnSessionUp();
  reporter_->Start();
  // Tasks come over the real connection while the first window runs.
  ASSERT_TRUE(PassUntil(absl::Milliseconds(1), [this] { return services_.asked(); }));
  ASSERT_TRUE(PassUntil(absl::Milliseconds(1), [this] {
    const auto status = ReadFile(HealthStatusPath(dir_.path()), 1 << 20);
    return status.ok() && ToText(*status).find("tasks: 1") != std::string::npos;
  }));
  sampler_.OnRelease("pump", ReleaseOf(2), schema::ReleaseFate::kGaveUp);
  sampler_.OnRelease("pump", ReleaseOf(1), schema::ReleaseFate::kServing);
  // The window ends; then, at its moment, the sealed report goes.
  ASSERT_TRUE(PassUntil(absl::Seconds(20), [this] { return !Waiting().empty(); }));
  EXPECT_TRUE(services_.reports().empty());
  executor_.Advance(Waiting()[0].send_at - executor_.Now() + absl::Seconds(10));
  ASSERT_TRUE(PassUntil(absl::ZeroDuration(), [this] { return Waiting().empty(); }));
  ASSERT_EQ(1U, services_.reports().size());

  std::vector<Bytes> reports = services_.reports();
  constexpr auto kSame = static_cast<std::uint32_t>(schema::GateVerdict::kSame);
  constexpr auto kFailed = static_cast<std::uint32_t>(schema::GateVerdict::kFailed);
  for (std::size_t device = 1; device < kDevices; ++device) {
    reports.push_back(world_.ReportOf(device, kSame));
  }
  const dap::LeaderVerdict verdict = world_.Aggregate(reports);
  EXPECT_EQ(kDevices, verdict.accepted);
  EXPECT_TRUE(verdict.refused.empty());
  const std::vector<std::int64_t> sum = world_.HonestSum();
  EXPECT_EQ(1, sum[kFailed]);
  EXPECT_EQ(static_cast<std::int64_t>(kDevices) - 1, sum[kSame]);
  const auto collection = world_.leader->Collect(world_.window, world_.now);
  ASSERT_TRUE(collection.ok()) << collection.status();
  EXPECT_TRUE(world_.helper->ShareOf(collection->request, world_.now).ok());
}

}  // namespace
}  // namespace flotilla::agent
