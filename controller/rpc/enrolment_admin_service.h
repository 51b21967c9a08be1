#ifndef FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "controller/enrolment/token_desk.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/enrolment.grpc.pb.h"

namespace flotilla::controller {

// EnrolmentAdminService over the token desk, which lives on the fleet loop. Thread-safe.
class EnrolmentAdminService final : public v1::EnrolmentAdminService::CallbackService {
 public:
  // `tokens` outlives the calls.
  EnrolmentAdminService(const OperatorCalls& calls, TokenDesk& tokens)
      : calls_(calls), tokens_(tokens) {}

  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context,
                                        const v1::CreateTokenRequest* request,
                                        v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context,
                                       const v1::ListTokensRequest* request,
                                       v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(grpc::CallbackServerContext* context,
                                        const v1::RevokeTokenRequest* request,
                                        v1::RevokeTokenResponse* response) override;

 private:
  const OperatorCalls calls_;
  TokenDesk& tokens_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_
