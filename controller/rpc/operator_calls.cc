#include "controller/rpc/operator_calls.h"

#include <utility>

#include "controller/access/permissions.h"
#include "controller/rpc/known_fields.h"

namespace flotilla::controller {

StatusOr<security::PeerIdentity> OperatorCalls::Admit(
    const grpc::CallbackServerContext& context, const google::protobuf::Message& request) const {
  const std::string what = MethodOf(request);
  auto peer = gate_.Identify(context);
  if (!peer.ok()) {
    refusals_.Note(nullptr, what, peer.status());
    return peer;
  }
  Status allowed = gate_.CheckStanding(*peer);
  if (allowed.ok()) {
    allowed = CheckPermission(what, &*peer);
  }
  if (!allowed.ok()) {
    refusals_.Note(&*peer, what, allowed);
    return allowed;
  }
  return peer;
}

grpc::ServerUnaryReactor* OperatorCalls::Serve(grpc::CallbackServerContext* context,
                                               const google::protobuf::Message& request,
                                               Handler handler) const {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = Admit(*context, request);
  if (!peer.ok()) {
    reactor->Finish(StatusToGrpc(peer.status(), *context));
    return reactor;
  }
  if (const Status known = CheckKnownFields(request); !known.ok()) {
    reactor->Finish(StatusToGrpc(known, *context));
    return reactor;
  }
  fleet_.Post([reactor, context, actor = ActorOf(&*peer), handler = std::move(handler)] {
    handler(actor, [reactor, context](const Status& status) {
      reactor->Finish(StatusToGrpc(status, *context));
    });
  });
  return reactor;
}

}  // namespace flotilla::controller
