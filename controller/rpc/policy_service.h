#ifndef FLOTILLA_CONTROLLER_RPC_POLICY_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_POLICY_SERVICE_H_

#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/policy.grpc.pb.h"

namespace flotilla::controller {

// PolicyService over the fleet's policy desk. Thread-safe.
class PolicyService final : public v1::PolicyService::CallbackService {
 public:
  explicit PolicyService(OperatorCalls calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* CreateFreeze(grpc::CallbackServerContext* context,
                                         const v1::CreateFreezeRequest* request,
                                         v1::CreateFreezeResponse* response) override;
  grpc::ServerUnaryReactor* DeleteFreeze(grpc::CallbackServerContext* context,
                                         const v1::DeleteFreezeRequest* request,
                                         v1::DeleteFreezeResponse* response) override;
  grpc::ServerUnaryReactor* ListFreezes(grpc::CallbackServerContext* context,
                                        const v1::ListFreezesRequest* request,
                                        v1::ListFreezesResponse* response) override;
  grpc::ServerUnaryReactor* PinDevice(grpc::CallbackServerContext* context,
                                      const v1::PinDeviceRequest* request,
                                      v1::PinDeviceResponse* response) override;
  grpc::ServerUnaryReactor* UnpinDevice(grpc::CallbackServerContext* context,
                                        const v1::UnpinDeviceRequest* request,
                                        v1::UnpinDeviceResponse* response) override;
  grpc::ServerUnaryReactor* ListPins(grpc::CallbackServerContext* context,
                                     const v1::ListPinsRequest* request,
                                     v1::ListPinsResponse* response) override;

 private:
  const OperatorCalls calls_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_POLICY_SERVICE_H_
