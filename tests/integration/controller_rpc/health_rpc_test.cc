// Private health over real mutual TLS: operator, devices, leader and helper.

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "telemetry/dap/report_builder.h"
#include "tests/integration/controller_rpc/health_site.h"

namespace flotilla::controller {
namespace {

constexpr std::size_t kDevices = 120;

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(gpr_time_from_seconds(60, GPR_TIMESPAN));
}

grpc::Status Ask(const HealthRpcSite& site, const RpcIdentity& who,
                 const v1::CreateHealthTaskRequest& request,
                 v1::CreateHealthTaskResponse& response) {
  grpc::ClientContext context;
  SetDeadline(context);
  return v1::HealthService::NewStub(site.DialOperators(who))
      ->CreateHealthTask(&context, request, &response);
}

grpc::Status GetTasks(const HealthRpcSite& site, const RpcIdentity& who,
                      v1::GetHealthTasksResponse& response) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetHealthTasksRequest request;
  request.set_schema_version(1);
  return v1::HealthTaskService::NewStub(site.DialDevices(who))
      ->GetHealthTasks(&context, request, &response);
}

grpc::Status Upload(const HealthRpcSite& site, const RpcIdentity& who,
                    const v1::UploadRequest& request, v1::UploadResponse& response) {
  grpc::ClientContext context;
  SetDeadline(context);
  return v1::MetricsService::NewStub(site.DialDevices(who))->Upload(&context, request, &response);
}

v1::CreateHealthTaskRequest DemoRequest() {
  v1::CreateHealthTaskRequest request;
  request.set_metric("gate_verdict");
  request.set_line("pump");
  request.set_release("2.0.0");
  request.set_arm(v1::HEALTH_ARM_FLEET);
  request.set_demo(true);
  request.mutable_demo_window()->set_seconds(5);
  return request;
}

// What a device does with the answer: trust by signatures, then one report.
v1::UploadRequest ReportFor(HealthRpcSite& site, const v1::GetHealthTasksResponse& tasks,
                            std::size_t device, std::uint32_t bucket) {
  const auto task =
      *dap::Task::Create(*dap::TaskConfiguration::Decode(AsBytes(tasks.task_configurations(0))));
  // The last 32 bytes of an Ed25519 key's SubjectPublicKeyInfo are the key.
  const auto identity = *security::PublicKey::FromTuf(
      "ed25519", "ed25519", HexEncode(AsBytes(tasks.leader_identity()).last(32)));
  const auto leader =
      *dap::VerifyHpkeConfigs(*dap::SignedHpkeConfigs::Decode(AsBytes(tasks.leader_hpke_configs())),
                              dap::Role::kLeader, identity, site.clock.Now());
  const auto helper =
      *dap::VerifyHpkeConfigs(*dap::SignedHpkeConfigs::Decode(AsBytes(tasks.helper_hpke_configs())),
                              dap::Role::kHelper, site.helper.identity(), site.clock.Now());
  const auto builder =
      *dap::ReportBuilder::Create(task, leader, helper, *site.reporting_keys[device], site.random);
  const Bytes report = *builder.Build(task.configuration().interval.start, bucket);
  v1::UploadRequest request;
  request.set_report(ToText(task.id().bytes()) + ToText(report));
  return request;
}

void ExpectHonestCounts(const v1::ListHealthResponse& list) {
  ASSERT_EQ(list.results_size(), 1);
  EXPECT_EQ(list.promise(), kHealthPromise);
  const v1::HealthWindow& window = list.results(0).windows(0);
  EXPECT_EQ(window.reports(), kDevices);
  EXPECT_EQ(window.interval_95(), 8);
  ASSERT_EQ(window.buckets_size(), 5);
  for (const v1::HealthBucket& bucket : window.buckets()) {
    EXPECT_LE(std::abs(static_cast<double>(bucket.count()) - 24), 6 * window.interval_95())
        << bucket.label();
  }
}

TEST(HealthRpc, AHundredAndTwentyDevicesReportAndAHistogramIsCollected) {
  HealthRpcSite site(kDevices);
  const RpcIdentity alice = site.Operator(security::OperatorRole::kOperator);
  v1::CreateHealthTaskResponse asked;
  const grpc::Status created = site.While([&] { return Ask(site, alice, DemoRequest(), asked); });
  ASSERT_TRUE(created.ok()) << created.error_message();

  v1::GetHealthTasksResponse tasks;
  const grpc::Status told = site.While([&] { return GetTasks(site, site.Device(0), tasks); });
  ASSERT_TRUE(told.ok()) << told.error_message();
  ASSERT_EQ(tasks.task_configurations_size(), 1);
  const auto task =
      *dap::Task::Create(*dap::TaskConfiguration::Decode(AsBytes(tasks.task_configurations(0))));
  const dap::WindowStart window = task.configuration().interval.start;
  site.clock.Advance(task.EndOf(window) + absl::Seconds(1) - site.clock.Now());

  const std::size_t taken = site.While([&] {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kDevices; ++i) {
      v1::UploadResponse response;
      const auto report = ReportFor(site, tasks, i, static_cast<std::uint32_t>(i % 5));
      const bool ok = Upload(site, site.Device(i), report, response).ok();
      count += ok && response.result() == v1::UPLOAD_RESULT_TAKEN ? 1U : 0U;
    }
    return count;
  });
  EXPECT_EQ(taken, kDevices);

  site.clock.Advance(dap::UploadsEndAt(task, window) - site.clock.Now());
  site.RunUntil(v1::HEALTH_WINDOW_STATE_COLLECTED);
  v1::ListHealthResponse list;
  grpc::ClientContext context;
  SetDeadline(context);
  const RpcIdentity viewer = site.Operator(security::OperatorRole::kViewer);
  const grpc::Status listed =
      v1::HealthService::NewStub(site.DialOperators(viewer))->ListHealth(&context, {}, &list);
  ASSERT_TRUE(listed.ok()) << listed.error_message();
  ExpectHonestCounts(list);

  std::set<std::string> actions;
  const auto page = site.fleet_store.AuditPage(0, 100);
  for (const v1::AuditEntry& entry : *page) {
    actions.insert(entry.action() + " " + entry.actor());
  }
  EXPECT_TRUE(actions.contains("health.ask operator:alice"));
}

TEST(HealthRpc, EachSideIsServedItsOwnCallsAlone) {
  HealthRpcSite site(100);
  v1::CreateHealthTaskResponse asked;
  EXPECT_EQ(site.While([&] {
                  return Ask(site, site.Operator(security::OperatorRole::kViewer), DemoRequest(),
                             asked);
                })
                .error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  v1::GetHealthTasksResponse tasks;
  v1::UploadResponse response;
  const RpcIdentity admin = site.Operator(security::OperatorRole::kAdmin);
  EXPECT_EQ(site.While([&] { return GetTasks(site, admin, tasks); }).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(site.While([&] { return Upload(site, admin, {}, response); }).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST(HealthRpc, AReportWithUnknownFieldsOrOfAnotherSizeIsRefused) {
  HealthRpcSite site(100);
  v1::CreateHealthTaskResponse asked;
  ASSERT_TRUE(site.While([&] {
                    return Ask(site, site.Operator(security::OperatorRole::kAdmin), DemoRequest(),
                               asked);
                  })
                  .ok());
  const RpcIdentity device = site.Device(7);
  v1::GetHealthTasksResponse tasks;
  ASSERT_TRUE(site.While([&] { return GetTasks(site, device, tasks); }).ok());
  site.clock.Advance(absl::Seconds(13));
  const v1::UploadRequest good = ReportFor(site, tasks, 7, 1);
  v1::UploadRequest more = good;
  more.GetReflection()->MutableUnknownFields(&more)->AddLengthDelimited(9, "where I am");
  v1::UploadRequest longer = good;
  longer.mutable_report()->push_back('x');
  v1::UploadRequest shorter = good;
  shorter.mutable_report()->pop_back();
  v1::UploadResponse response;
  for (const v1::UploadRequest& request : {more, longer, shorter, v1::UploadRequest()}) {
    EXPECT_EQ(site.While([&] { return Upload(site, device, request, response); }).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
  EXPECT_TRUE(site.While([&] { return Upload(site, device, good, response); }).ok());
  EXPECT_EQ(response.result(), v1::UPLOAD_RESULT_TAKEN);
}

TEST(HealthRpc, TheRefusalOfASmallCohortIsInWords) {
  HealthRpcSite site(10);
  v1::CreateHealthTaskResponse asked;
  const grpc::Status status = site.While([&] {
    return Ask(site, site.Operator(security::OperatorRole::kAdmin), DemoRequest(), asked);
  });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(status.error_message().find("the fleet has 10 devices"), std::string::npos)
      << status.error_message();
  EXPECT_NE(status.error_message().find("from 100 on"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::controller
