#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_RPC_AGGREGATION_SERVICE_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_RPC_AGGREGATION_SERVICE_H_

#include <atomic>
#include <functional>

#include <grpcpp/grpcpp.h>
#include "flotilla/v1/aggregation.grpc.pb.h"

#include "base/executor.h"
#include "base/status.h"
#include "telemetry/aggregator/rpc/leader_gate.h"
#include "telemetry/aggregator/task_room.h"

namespace flotilla::telemetry {

// AggregationService over the task room: gRPC's threads check who calls and what size it has; the
// work is done on `worker`, one call after another. What is given outlives it. Thread-safe.
class AggregationService final : public v1::AggregationService::CallbackService {
 public:
  AggregationService(const LeaderGate& gate, Executor& worker, TaskRoom& room)
      : gate_(gate), worker_(worker), room_(room) {}

  grpc::ServerUnaryReactor* GetHelperKeys(grpc::CallbackServerContext* context,
                                          const v1::GetHelperKeysRequest* request,
                                          v1::GetHelperKeysResponse* response) override;
  grpc::ServerUnaryReactor* PutTask(grpc::CallbackServerContext* context,
                                    const v1::PutTaskRequest* request,
                                    v1::PutTaskResponse* response) override;
  grpc::ServerUnaryReactor* InitJob(grpc::CallbackServerContext* context,
                                    const v1::InitJobRequest* request,
                                    v1::InitJobResponse* response) override;
  grpc::ServerUnaryReactor* ShareAggregate(grpc::CallbackServerContext* context,
                                           const v1::ShareAggregateRequest* request,
                                           v1::ShareAggregateResponse* response) override;

 private:
  // On the worker; the answer goes out when it returns.
  using Work = std::function<Status()>;
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const char* call,
                                  Work work);

  const LeaderGate& gate_;
  Executor& worker_;
  TaskRoom& room_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_RPC_AGGREGATION_SERVICE_H_
