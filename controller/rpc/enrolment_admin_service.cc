#include "controller/rpc/enrolment_admin_service.h"

#include <string>
#include <utility>

#include "base/status.h"

namespace flotilla::controller {
namespace {

template <typename Response>
auto Answer(Response* response, const OperatorCalls::Finish& finish) {
  return [response, finish](StatusOr<Response> answer) {
    const Status status = answer.status();
    if (status.ok()) {
      *response = *std::move(answer);
    }
    finish(status);
  };
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentAdminService::CreateToken(grpc::CallbackServerContext* context,
                                                             const v1::CreateTokenRequest* request,
                                                             v1::CreateTokenResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        tokens_.Create(*request, actor, Answer(response, finish));
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::ListTokens(grpc::CallbackServerContext* context,
                                                            const v1::ListTokensRequest* request,
                                                            v1::ListTokensResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        *response = tokens_.List();
        finish(OkStatus());
      });
}

grpc::ServerUnaryReactor* EnrolmentAdminService::RevokeToken(grpc::CallbackServerContext* context,
                                                             const v1::RevokeTokenRequest* request,
                                                             v1::RevokeTokenResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        tokens_.Revoke(request->id(), actor, Answer(response, finish));
      });
}

}  // namespace flotilla::controller
