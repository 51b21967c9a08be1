#include "controller/rpc/grpc_aggregation_client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include "controller/rpc/client_channel.h"
#include "flotilla/v1/aggregation.grpc.pb.h"

namespace flotilla::controller {
namespace {

constexpr int kQuickSeconds = 10;
// A job of 1,024 reports on a slow helper.
constexpr int kJobSeconds = 60;
constexpr ClientChannelOptions kChannel{.first_backoff_millis = 200,
                                        .longest_backoff_millis = 2'000,
                                        .max_receive_bytes = 2 * 1024 * 1024};

std::shared_ptr<grpc::Channel> Dial(const std::string& address,
                                    const HelperCredentials& credentials) {
  return grpc::CreateCustomChannel(
      address, ClientTls(credentials.ca, credentials.certificate, credentials.private_key),
      ClientArguments(kChannel));
}

Status StatusOf(const grpc::Status& status) {
  return status.ok() ? OkStatus()
                     : Status(static_cast<StatusCode>(status.error_code()), status.error_message());
}

std::string TextOf(ByteView bytes) {
  return std::string(AsText(bytes));
}

}  // namespace

struct GrpcHelperClient::Impl {
  explicit Impl(std::shared_ptr<grpc::Channel> channel)
      : stub(v1::AggregationService::NewStub(std::move(channel))) {}

  template <typename Request, typename Response>
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  template <typename Request, typename Response>
  using Method = void (v1::AggregationService::StubInterface::async_interface::*)(
      grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>);

  // `take` gets the response of a call that went well.
  template <typename Request, typename Response, typename T>
  void Start(Method<Request, Response> method, Request request, int seconds, Done<T> done,
             std::function<StatusOr<T>(const Response&)> take) {
    auto call = std::make_shared<Call<Request, Response>>();
    call->request = std::move(request);
    call->context.set_deadline(gpr_time_from_seconds(seconds, GPR_TIMESPAN));
    {
      const std::lock_guard lock(mutex);
      open.insert(&call->context);
    }
    (stub->async()->*method)(
        &call->context, &call->request, &call->response,
        [this, call, done = std::move(done), take = std::move(take)](const grpc::Status& status) {
          done(status.ok() ? take(call->response) : StatusOr<T>(StatusOf(status)));
          const std::lock_guard lock(mutex);
          open.erase(&call->context);
          idle.notify_all();
        });
  }

  const std::unique_ptr<v1::AggregationService::Stub> stub;
  std::mutex mutex;
  std::condition_variable idle;
  std::set<grpc::ClientContext*> open;
};

GrpcHelperClient::GrpcHelperClient(const std::string& address, const HelperCredentials& credentials)
    : impl_(std::make_unique<Impl>(Dial(address, credentials))) {}

GrpcHelperClient::~GrpcHelperClient() {
  std::unique_lock lock(impl_->mutex);
  std::for_each(impl_->open.begin(), impl_->open.end(),
                [](grpc::ClientContext* context) { context->TryCancel(); });
  impl_->idle.wait(lock, [this] { return impl_->open.empty(); });
}

void GrpcHelperClient::GetHelperKeys(Done<HelperKeys> done) {
  impl_->Start<v1::GetHelperKeysRequest, v1::GetHelperKeysResponse, HelperKeys>(
      &v1::AggregationService::StubInterface::async_interface::GetHelperKeys, {}, kQuickSeconds,
      std::move(done), [](const v1::GetHelperKeysResponse& response) -> StatusOr<HelperKeys> {
        return HelperKeys{ToBytes(response.hpke_configs()), response.schema_version(),
                          response.registered_devices()};
      });
}

void GrpcHelperClient::PutTask(const HelperTask& task, Done<dap::TaskId> done) {
  v1::PutTaskRequest request;
  request.set_configuration(TextOf(task.configuration));
  request.set_verify_key(TextOf(task.verify_key));
  request.set_collector(TextOf(task.collector));
  impl_->Start<v1::PutTaskRequest, v1::PutTaskResponse, dap::TaskId>(
      &v1::AggregationService::StubInterface::async_interface::PutTask, std::move(request),
      kQuickSeconds, std::move(done), [](const v1::PutTaskResponse& response) {
        return Digest::FromBytes(AsBytes(response.task_id()));
      });
}

void GrpcHelperClient::InitJob(const dap::TaskId& task, const Bytes& request, Done<Bytes> done) {
  v1::InitJobRequest wire;
  wire.set_task_id(TextOf(task.bytes()));
  wire.set_request(TextOf(request));
  impl_->Start<v1::InitJobRequest, v1::InitJobResponse, Bytes>(
      &v1::AggregationService::StubInterface::async_interface::InitJob, std::move(wire),
      kJobSeconds, std::move(done), [](const v1::InitJobResponse& response) -> StatusOr<Bytes> {
        return ToBytes(response.response());
      });
}

void GrpcHelperClient::ShareAggregate(const dap::TaskId& task, const Bytes& request,
                                      Done<Bytes> done) {
  v1::ShareAggregateRequest wire;
  wire.set_task_id(TextOf(task.bytes()));
  wire.set_request(TextOf(request));
  impl_->Start<v1::ShareAggregateRequest, v1::ShareAggregateResponse, Bytes>(
      &v1::AggregationService::StubInterface::async_interface::ShareAggregate, std::move(wire),
      kJobSeconds, std::move(done),
      [](const v1::ShareAggregateResponse& response) -> StatusOr<Bytes> {
        return ToBytes(response.share());
      });
}

}  // namespace flotilla::controller
