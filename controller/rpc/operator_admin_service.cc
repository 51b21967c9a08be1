#include "controller/rpc/operator_admin_service.h"

#include <utility>

namespace flotilla::controller {

grpc::ServerUnaryReactor* OperatorAdminService::AddOperator(grpc::CallbackServerContext* context,
                                                            const v1::AddOperatorRequest* request,
                                                            v1::AddOperatorResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        desk_.Add(*request, actor, [response, finish](auto added) {
          if (added.ok()) {
            *response = std::move(*added);
          }
          finish(added.status());
        });
      });
}

grpc::ServerUnaryReactor* OperatorAdminService::ListOperators(
    grpc::CallbackServerContext* context, const v1::ListOperatorsRequest* request,
    v1::ListOperatorsResponse* response) {
  return calls_.Serve(context, *request,
                      [this, response](const std::string&, const OperatorCalls::Finish& finish) {
                        for (v1::Operator& one : desk_.List()) {
                          *response->add_operators() = std::move(one);
                        }
                        finish(OkStatus());
                      });
}

grpc::ServerUnaryReactor* OperatorAdminService::RevokeOperator(
    grpc::CallbackServerContext* context, const v1::RevokeOperatorRequest* request,
    v1::RevokeOperatorResponse* response) {
  return calls_.Serve(
      context, *request,
      [this, request, response](const std::string& actor, const OperatorCalls::Finish& finish) {
        desk_.Revoke(*request, actor, [response, finish](auto revoked) {
          if (revoked.ok()) {
            *response->mutable_operator_() = std::move(*revoked);
          }
          finish(revoked.status());
        });
      });
}

grpc::ServerUnaryReactor* OperatorAdminService::GetSelf(grpc::CallbackServerContext* context,
                                                        const v1::GetSelfRequest* request,
                                                        v1::GetSelfResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = calls_.Admit(*context, *request);
  if (!peer.ok()) {
    reactor->Finish(StatusToGrpc(peer.status(), *context));
    return reactor;
  }
  calls_.fleet().Post([this, reactor, response, peer = *peer] {
    *response->mutable_operator_() = desk_.Self(peer);
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

}  // namespace flotilla::controller
