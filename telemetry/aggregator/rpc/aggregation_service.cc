#include "telemetry/aggregator/rpc/aggregation_service.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "base/reason_trailer.h"
#include "telemetry/schema/registry.h"

namespace flotilla::telemetry {
namespace {

// A leader has a few jobs under way; more is a leader gone wrong.
constexpr int kMaxWaiting = 16;
constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::size_t kMaxConfigurationBytes = 4096;
constexpr std::size_t kMaxCollectorBytes = 128;

grpc::Status ToGrpc(const Status& status, grpc::ServerContextBase& context) {
  if (status.ok()) return grpc::Status::OK;
  if (const std::string reason = ReasonTrailerValue(status); !reason.empty()) {
    context.AddTrailingMetadata(kReasonTrailer, reason);
  }
  // The numbers of absl::StatusCode are those of gRPC.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      MessageOf(status).substr(0, kMaxTextBytes));
}

StatusOr<StoredTask> TaskOf(const v1::PutTaskRequest& request) {
  StoredTask task;
  if (request.configuration().size() > kMaxConfigurationBytes ||
      request.collector().size() > kMaxCollectorBytes ||
      request.verify_key().size() != task.verify_key.size()) {
    return InvalidArgument("a part of the request is not of its size");
  }
  task.configuration = ToBytes(request.configuration());
  task.collector = ToBytes(request.collector());
  const Bytes key = ToBytes(request.verify_key());
  std::copy(key.begin(), key.end(), task.verify_key.begin());
  return task;
}

}  // namespace

grpc::ServerUnaryReactor* AggregationService::Serve(grpc::CallbackServerContext* context,
                                                    const char* call, Work work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Status allowed = gate_.Check(*context);
  if (!allowed.ok()) {
    LogStatus(LogLevel::kWarning, "leader.refused", allowed);
    reactor->Finish(ToGrpc(allowed, *context));
    return reactor;
  }
  if (waiting_.fetch_add(1) >= kMaxWaiting) {
    waiting_.fetch_sub(1);
    reactor->Finish(ToGrpc(Unavailable("too many calls wait already"), *context));
    return reactor;
  }
  worker_.Post([this, reactor, context, call, work = std::move(work)] {
    const Status status = work();
    waiting_.fetch_sub(1);
    if (!status.ok()) LogStatus(LogLevel::kWarning, call, status);
    reactor->Finish(ToGrpc(status, *context));
  });
  return reactor;
}

grpc::ServerUnaryReactor* AggregationService::GetHelperKeys(grpc::CallbackServerContext* context,
                                                            const v1::GetHelperKeysRequest*,
                                                            v1::GetHelperKeysResponse* response) {
  return Serve(context, "keys.failed", [this, response]() -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(const HelperStanding standing, room_.Standing());
    response->set_hpke_configs(ToText(standing.signed_configs));
    response->set_schema_version(schema::kSchemaVersion);
    response->set_registered_devices(static_cast<std::uint32_t>(standing.registered_devices));
    return OkStatus();
  });
}

grpc::ServerUnaryReactor* AggregationService::PutTask(grpc::CallbackServerContext* context,
                                                      const v1::PutTaskRequest* request,
                                                      v1::PutTaskResponse* response) {
  return Serve(context, "task.refused", [this, request, response]() -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(const StoredTask task, TaskOf(*request));
    FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskId id, room_.Put(task));
    response->set_task_id(ToText(id.bytes()));
    LogInfo("task.taken", {{"task", id.ToHex()}, {"tasks", room_.task_count()}});
    return OkStatus();
  });
}

grpc::ServerUnaryReactor* AggregationService::InitJob(grpc::CallbackServerContext* context,
                                                      const v1::InitJobRequest* request,
                                                      v1::InitJobResponse* response) {
  return Serve(context, "job.failed", [this, request, response]() -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskId task,
                              Digest::FromBytes(AsBytes(request->task_id())));
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes answer,
                              room_.Aggregate(task, AsBytes(request->request())));
    response->set_response(ToText(answer));
    LogInfo("job.answered", {{"task", task.ToHex()}, {"bytes", request->request().size()}});
    return OkStatus();
  });
}

grpc::ServerUnaryReactor* AggregationService::ShareAggregate(
    grpc::CallbackServerContext* context, const v1::ShareAggregateRequest* request,
    v1::ShareAggregateResponse* response) {
  return Serve(context, "share.refused", [this, request, response]() -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskId task,
                              Digest::FromBytes(AsBytes(request->task_id())));
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes share, room_.ShareOf(task, AsBytes(request->request())));
    response->set_share(ToText(share));
    LogInfo("share.given", {{"task", task.ToHex()}});
    return OkStatus();
  });
}

}  // namespace flotilla::telemetry
