#include "controller/rpc/revocation_service.h"

#include <string>
#include <utility>

#include "controller/fleet/revocation_desk.h"

namespace flotilla::controller {
namespace {

// Hands the desk's answer over.
template <typename Response>
RevocationDesk::Done Into(Response* response, const OperatorCalls::Finish& finish) {
  return [response, finish](StatusOr<v1::RevocationStatus> status) {
    if (status.ok()) {
      *response->mutable_status() = std::move(*status);
    }
    finish(status.status());
  };
}

}  // namespace

grpc::ServerUnaryReactor* RevocationService::AskRevocation(grpc::CallbackServerContext* context,
                                                           const v1::AskRevocationRequest* request,
                                                           v1::AskRevocationResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().revocation_desk().Ask(*request, actor, Into(response, finish));
      });
}

grpc::ServerUnaryReactor* RevocationService::DecideRevocation(
    grpc::CallbackServerContext* context, const v1::DecideRevocationRequest* request,
    v1::DecideRevocationResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        calls_.fleet().revocation_desk().Decide(*request, actor, Into(response, finish));
      });
}

grpc::ServerUnaryReactor* RevocationService::GetRevocation(grpc::CallbackServerContext* context,
                                                           const v1::GetRevocationRequest* request,
                                                           v1::GetRevocationResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& /*actor*/, const OperatorCalls::Finish& finish) {
        Into(response,
             finish)(calls_.fleet().revocation_desk().Find(request->line(), request->version()));
      });
}

}  // namespace flotilla::controller
