#ifndef FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include "controller/enrolment/approval_desk.h"
#include "controller/enrolment/token_desk.h"
#include "controller/rpc/operator_calls.h"
#include "flotilla/v1/enrolment.grpc.pb.h"

namespace flotilla::controller {

// EnrolmentAdminService over the desks of tokens and approvals, which live on the fleet loop.
// Thread-safe.
class EnrolmentAdminService final : public v1::EnrolmentAdminService::CallbackService {
 public:
  // Both desks outlive the calls.
  EnrolmentAdminService(const OperatorCalls& calls, TokenDesk& tokens, ApprovalDesk& approvals)
      : calls_(calls), tokens_(tokens), approvals_(approvals) {}

  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context,
                                        const v1::CreateTokenRequest* request,
                                        v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(grpc::CallbackServerContext* context,
                                       const v1::ListTokensRequest* request,
                                       v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(grpc::CallbackServerContext* context,
                                        const v1::RevokeTokenRequest* request,
                                        v1::RevokeTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListEnrolmentRequests(
      grpc::CallbackServerContext* context, const v1::ListEnrolmentRequestsRequest* request,
      v1::ListEnrolmentRequestsResponse* response) override;
  grpc::ServerUnaryReactor* DecideEnrolmentRequest(
      grpc::CallbackServerContext* context, const v1::DecideEnrolmentRequestRequest* request,
      v1::DecideEnrolmentRequestResponse* response) override;

 private:
  const OperatorCalls calls_;
  TokenDesk& tokens_;
  ApprovalDesk& approvals_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_ENROLMENT_ADMIN_SERVICE_H_
