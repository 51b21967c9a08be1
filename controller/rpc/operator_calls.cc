#include "controller/rpc/operator_calls.h"

namespace flotilla::controller {

StatusOr<std::string> OperatorCalls::ActorOf(const grpc::CallbackServerContext& context) const {
  FLOTILLA_ASSIGN_OR_RETURN(const security::PeerIdentity peer,
                            gate_.Check(context, security::PeerKind::kOperator));
  return "operator:" + peer.name;
}

grpc::ServerUnaryReactor* OperatorCalls::Serve(grpc::CallbackServerContext* context,
                                               Handler handler) const {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const StatusOr<std::string> actor = ActorOf(*context);
  if (!actor.ok()) {
    reactor->Finish(StatusToGrpc(actor.status(), *context));
    return reactor;
  }
  fleet_.Post([reactor, context, actor = *actor, handler = std::move(handler)] {
    handler(actor, [reactor, context](const Status& status) {
      reactor->Finish(StatusToGrpc(status, *context));
    });
  });
  return reactor;
}

}  // namespace flotilla::controller
