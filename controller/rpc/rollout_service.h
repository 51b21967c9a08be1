#ifndef FLOTILLA_CONTROLLER_RPC_ROLLOUT_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_ROLLOUT_SERVICE_H_

#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/rollout.grpc.pb.h"

namespace flotilla::controller {

// RolloutService over the fleet's rollout desk. Thread-safe.
class RolloutService final : public v1::RolloutService::CallbackService {
 public:
  explicit RolloutService(OperatorCalls calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* CreateRollout(grpc::CallbackServerContext* context,
                                          const v1::CreateRolloutRequest* request,
                                          v1::CreateRolloutResponse* response) override;
  grpc::ServerUnaryReactor* ActOnRollout(grpc::CallbackServerContext* context,
                                         const v1::ActOnRolloutRequest* request,
                                         v1::ActOnRolloutResponse* response) override;
  grpc::ServerUnaryReactor* SetRollout(grpc::CallbackServerContext* context,
                                       const v1::SetRolloutRequest* request,
                                       v1::SetRolloutResponse* response) override;
  grpc::ServerUnaryReactor* GetRollout(grpc::CallbackServerContext* context,
                                       const v1::GetRolloutRequest* request,
                                       v1::GetRolloutResponse* response) override;
  grpc::ServerUnaryReactor* ListRollouts(grpc::CallbackServerContext* context,
                                         const v1::ListRolloutsRequest* request,
                                         v1::ListRolloutsResponse* response) override;
  grpc::ServerUnaryReactor* ListRolloutDevices(grpc::CallbackServerContext* context,
                                               const v1::ListRolloutDevicesRequest* request,
                                               v1::ListRolloutDevicesResponse* response) override;
  grpc::ServerUnaryReactor* ExplainRollout(grpc::CallbackServerContext* context,
                                           const v1::ExplainRolloutRequest* request,
                                           v1::ExplainRolloutResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchRolloutResponse>* WatchRollout(
      grpc::CallbackServerContext* context, const v1::WatchRolloutRequest* request) override;

 private:
  const OperatorCalls calls_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_ROLLOUT_SERVICE_H_
