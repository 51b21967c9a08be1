#include "controller/rpc/session_service.h"

#include "controller/rpc/session_stream.h"

namespace flotilla::controller {

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SessionService::Session(
    grpc::CallbackServerContext* context) {
  if (admission_ != nullptr) {
    admission_->OnSessionOpened(context->peer());
  }
  const auto peer = gate_.Check(*context, security::PeerKind::kDevice);
  if (!peer.ok()) {
    return SessionStream::Open(fleet_, *context, admission_, peer.status());
  }
  return SessionStream::Open(
      fleet_, *context, admission_,
      SessionPeer{peer->name, peer->serial_hex, peer->not_after, peer->spki, peer->not_before});
}

}  // namespace flotilla::controller
