#include "tests/integration/aggregator/leader_side.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/schema/registry.h"

namespace flotilla::telemetry {
namespace {

constexpr std::size_t kRawKeyBytes = 32;
constexpr int kDeadlineSeconds = 30;

enum class Wait { kUntilItIsThere, kNo };

void Prepare(grpc::ClientContext& context, Wait wait) {
  context.set_deadline(gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN));
  context.set_wait_for_ready(wait == Wait::kUntilItIsThere);
}

Status FromGrpc(const grpc::Status& status) {
  return Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

std::string Text(const std::filesystem::path& path) {
  return ToText(*ReadFile(path, 1U << 20U));
}

dap::HpkeConfig NewKey(std::uint8_t id, Random& random, dap::HpkeKeyring& ring) {
  security::HpkeKeyPair pair = *security::GenerateHpkeKeyPair(random);
  dap::HpkeConfig config;
  config.id = id;
  config.public_key.assign(pair.public_key.begin(), pair.public_key.end());
  ring.insert_or_assign(id, std::move(pair));
  return config;
}

}  // namespace

ClientCredential ReadCredential(const std::filesystem::path& folder) {
  return {.ca_pem = Text(folder / "helper-ca.crt"),
          .chain_pem = Text(folder / "leader.crt"),
          .key_pem = Text(folder / "leader.key")};
}

HelperLink::HelperLink(const std::string& address, const ClientCredential& credential) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = credential.ca_pem;
  tls.pem_cert_chain = credential.chain_pem;
  tls.pem_private_key = credential.key_pem;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  // Of its own, so that a helper that was started again is not met by an old back-off.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  stub_ = v1::AggregationService::NewStub(
      grpc::CreateCustomChannel(address, grpc::SslCredentials(tls), arguments));
}

StatusOr<v1::GetHelperKeysResponse> HelperLink::Keys() {
  grpc::ClientContext context;
  Prepare(context, Wait::kUntilItIsThere);
  v1::GetHelperKeysResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(stub_->GetHelperKeys(&context, {}, &response)));
  return response;
}

Status HelperLink::Knock() {
  grpc::ClientContext context;
  Prepare(context, Wait::kNo);
  v1::GetHelperKeysResponse response;
  return FromGrpc(stub_->GetHelperKeys(&context, {}, &response));
}

StatusOr<dap::TaskId> HelperLink::Put(const StoredTask& task) {
  grpc::ClientContext context;
  Prepare(context, Wait::kUntilItIsThere);
  v1::PutTaskRequest request;
  request.set_configuration(ToText(task.configuration));
  request.set_verify_key(ToText(task.verify_key));
  request.set_collector(ToText(task.collector));
  v1::PutTaskResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(stub_->PutTask(&context, request, &response)));
  return Digest::FromBytes(AsBytes(response.task_id()));
}

Status HelperLink::Put(const v1::PutTaskRequest& request) {
  grpc::ClientContext context;
  Prepare(context, Wait::kUntilItIsThere);
  v1::PutTaskResponse response;
  return FromGrpc(stub_->PutTask(&context, request, &response));
}

StatusOr<Bytes> HelperLink::Job(const dap::TaskId& task, const Bytes& request) {
  grpc::ClientContext context;
  Prepare(context, Wait::kUntilItIsThere);
  v1::InitJobRequest message;
  message.set_task_id(ToText(task.bytes()));
  message.set_request(ToText(request));
  v1::InitJobResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(stub_->InitJob(&context, message, &response)));
  return ToBytes(response.response());
}

StatusOr<Bytes> HelperLink::Share(const dap::TaskId& task, const Bytes& request) {
  grpc::ClientContext context;
  Prepare(context, Wait::kUntilItIsThere);
  v1::ShareAggregateRequest message;
  message.set_task_id(ToText(task.bytes()));
  message.set_request(ToText(request));
  v1::ShareAggregateResponse response;
  FLOTILLA_RETURN_IF_ERROR(FromGrpc(stub_->ShareAggregate(&context, message, &response)));
  return ToBytes(response.share());
}

dap::TaskConfiguration DemoTask(const std::string& helper_endpoint, Time now) {
  constexpr std::uint64_t kWindow = 3;
  const schema::Metric& metric = schema::MetricOf(schema::MetricId::kGateVerdict);
  const auto soon = static_cast<std::uint64_t>(absl::ToUnixSeconds(now) + 3);
  dap::TaskConfiguration task;
  task.task_info = ToBytes("demo");
  task.leader_endpoint = "localhost:7442";
  task.helper_endpoint = helper_endpoint;
  task.time_precision = dap::kDemoPrecision;
  task.min_batch_size = dap::kLeastBatchSize;
  task.shape = *vdaf::SmallestReportShape(metric.buckets());
  task.interval = {.start = soon / dap::kDemoPrecision + 1, .duration = 2 * kWindow};
  task.noise = {.mechanism = dp::Mechanism::kDiscreteLaplace, .parameter = {1, 1}, .looks = 2};
  task.cohort = {.schema_version = schema::kSchemaVersion,
                 .metric = static_cast<std::uint32_t>(metric.id),
                 .arm = dap::Arm::kFleet,
                 .release = Digest(),
                 .hardware_class = 0};
  task.window = kWindow;
  task.kind = dap::TaskKind::kDemo;
  return task;
}

Reporters::Reporters(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) devices_.push_back(*security::GenerateEd25519());
  leader_config_ = NewKey(1, random_, keys_.shares);
  keys_.collector = NewKey(9, random_, collector_);
  random_.Fill(keys_.verify_key);
}

std::string Reporters::Lines() const {
  std::string lines;
  for (const auto& device : devices_) {
    DeviceKey key;
    const Bytes& spki = device->public_key().spki_der();
    std::copy(spki.end() - kRawKeyBytes, spki.end(), key.ed25519.begin());
    lines += key.Line() + "\n";
  }
  return lines;
}

StoredTask Reporters::Begin(const dap::TaskConfiguration& configuration) {
  leader_.reset();
  task_ = std::make_unique<dap::Task>(*dap::Task::Create(configuration));
  leader_ = std::make_unique<dap::Leader>(*dap::Leader::Create(*task_, keys_, store_, random_));
  StoredTask stored;
  stored.configuration = task_->encoded();
  stored.verify_key = keys_.verify_key;
  dap::HpkeConfigList list;
  list.configs.push_back(keys_.collector);
  stored.collector = list.Encode();
  return stored;
}

std::vector<Bytes> Reporters::Reports(std::size_t from, std::size_t to,
                                      const dap::HpkeConfig& helper_key, std::uint32_t bucket) {
  std::vector<Bytes> reports;
  for (std::size_t i = from; i < to; ++i) {
    const auto builder =
        *dap::ReportBuilder::Create(*task_, leader_config_, helper_key, *devices_[i], random_);
    reports.push_back(*builder.Build(window(), bucket));
  }
  return reports;
}

}  // namespace flotilla::telemetry
