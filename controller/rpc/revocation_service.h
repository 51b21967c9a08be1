#ifndef FLOTILLA_CONTROLLER_RPC_REVOCATION_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_REVOCATION_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/revocation_service.grpc.pb.h"

namespace flotilla::controller {

// RevocationService over the fleet's desk. Thread-safe.
class RevocationService final : public v1::RevocationService::CallbackService {
 public:
  explicit RevocationService(const OperatorCalls& calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* AskRevocation(grpc::CallbackServerContext* context,
                                          const v1::AskRevocationRequest* request,
                                          v1::AskRevocationResponse* response) override;
  grpc::ServerUnaryReactor* DecideRevocation(grpc::CallbackServerContext* context,
                                             const v1::DecideRevocationRequest* request,
                                             v1::DecideRevocationResponse* response) override;
  grpc::ServerUnaryReactor* GetRevocation(grpc::CallbackServerContext* context,
                                          const v1::GetRevocationRequest* request,
                                          v1::GetRevocationResponse* response) override;

 private:
  const OperatorCalls calls_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_REVOCATION_SERVICE_H_
