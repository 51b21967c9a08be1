#include "agent/session/grpc_metrics_client.h"

#include <list>
#include <utility>

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>

#include "agent/session/flight.h"
#include "agent/session/grpc_status.h"
#include "flotilla/v1/metrics.grpc.pb.h"

namespace flotilla::agent {
namespace {

constexpr int kDeadlineSeconds = 30;

// What stays of a call until its `done` has run; it goes on the loop, since the last owner of a
// channel joins gRPC's threads and must not be one of them.
struct OpenCall {
  std::shared_ptr<grpc::Channel> channel;
  grpc::ClientContext context;
  bool cancelled = false;  // written and read on the loop
};

template <typename Service, typename Request, typename Response>
struct CallOf final : OpenCall {
  std::unique_ptr<typename Service::Stub> stub;
  Request request;
  Response response;
  std::function<void(const StatusOr<Response>&)> done;
};

}  // namespace

struct GrpcMetricsClient::Impl {
  Impl(ChannelOfSession channel_in, Executor& executor_in)
      : channel(std::move(channel_in)), executor(executor_in) {}

  // `start`: stub, context, request, response, reaction.
  template <typename Service, typename Request, typename Response, typename Start>
  void Call(const Request& request, std::function<void(const StatusOr<Response>&)> done,
            const Start& start) {
    auto call = std::make_shared<CallOf<Service, Request, Response>>();
    call->channel = channel();
    call->done = std::move(done);
    open.push_back(call);
    if (call->channel == nullptr) {
      executor.Post([this, call] {
        if (call->cancelled) {
          return;  // `this` may be gone
        }
        Finish(*call, StatusOr<Response>(Unavailable("no session with the controller")));
      });
      return;
    }
    call->stub = Service::NewStub(call->channel);
    call->request = request;
    call->context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                            gpr_time_from_seconds(kDeadlineSeconds, GPR_TIMESPAN)));
    flight.Begin();
    CallOf<Service, Request, Response>& started = *call;
    start(started, [this, call = std::move(call)](const grpc::Status& status) mutable {
      const Status end = FromGrpc(status, call->context);
      executor.Post([this, end, call = std::move(call)] {
        if (call->cancelled) {
          return;  // `this` may be gone
        }
        Finish(*call, end.ok() ? StatusOr<Response>(call->response) : StatusOr<Response>(end));
      });
      flight.End();
    });
  }

  template <typename Call, typename Response>
  void Finish(Call& call, const StatusOr<Response>& result) {
    open.remove_if([&](const auto& other) { return other.get() == &call; });
    call.done(result);
  }

  ChannelOfSession channel;
  Executor& executor;
  std::list<std::shared_ptr<OpenCall>> open;
  Flight flight;
};

GrpcMetricsClient::GrpcMetricsClient(ChannelOfSession channel, Executor& executor)
    : impl_(std::make_unique<Impl>(std::move(channel), executor)) {}

GrpcMetricsClient::~GrpcMetricsClient() {
  Cancel();
  impl_->flight.Wait();
}

void GrpcMetricsClient::GetHealthTasks(const v1::GetHealthTasksRequest& request, TasksDone done) {
  impl_->Call<v1::HealthTaskService, v1::GetHealthTasksRequest, v1::GetHealthTasksResponse>(
      request, std::move(done), [](auto& call, auto reaction) {
        call.stub->async()->GetHealthTasks(&call.context, &call.request, &call.response,
                                           std::move(reaction));
      });
}

void GrpcMetricsClient::Upload(const v1::UploadRequest& request, UploadDone done) {
  impl_->Call<v1::MetricsService, v1::UploadRequest, v1::UploadResponse>(
      request, std::move(done), [](auto& call, auto reaction) {
        call.stub->async()->Upload(&call.context, &call.request, &call.response,
                                   std::move(reaction));
      });
}

void GrpcMetricsClient::Cancel() {
  for (const std::shared_ptr<OpenCall>& call : impl_->open) {
    call->cancelled = true;
    call->context.TryCancel();
  }
  impl_->open.clear();
}

}  // namespace flotilla::agent
