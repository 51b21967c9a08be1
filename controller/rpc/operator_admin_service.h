#ifndef FLOTILLA_CONTROLLER_RPC_OPERATOR_ADMIN_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_OPERATOR_ADMIN_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "controller/access/operator_desk.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/admin.grpc.pb.h"

namespace flotilla::controller {

// OperatorAdminService over the operator desk, which lives on the fleet loop. Thread-safe.
class OperatorAdminService final : public v1::OperatorAdminService::CallbackService {
 public:
  // `desk` outlives the calls.
  OperatorAdminService(const OperatorCalls& calls, OperatorDesk& desk)
      : calls_(calls), desk_(desk) {}

  grpc::ServerUnaryReactor* AddOperator(grpc::CallbackServerContext* context,
                                        const v1::AddOperatorRequest* request,
                                        v1::AddOperatorResponse* response) override;
  grpc::ServerUnaryReactor* ListOperators(grpc::CallbackServerContext* context,
                                          const v1::ListOperatorsRequest* request,
                                          v1::ListOperatorsResponse* response) override;
  grpc::ServerUnaryReactor* RevokeOperator(grpc::CallbackServerContext* context,
                                           const v1::RevokeOperatorRequest* request,
                                           v1::RevokeOperatorResponse* response) override;
  grpc::ServerUnaryReactor* GetSelf(grpc::CallbackServerContext* context,
                                    const v1::GetSelfRequest* request,
                                    v1::GetSelfResponse* response) override;

 private:
  const OperatorCalls calls_;
  OperatorDesk& desk_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_OPERATOR_ADMIN_SERVICE_H_
