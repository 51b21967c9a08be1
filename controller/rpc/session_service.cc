#include "controller/rpc/session_service.h"

#include "controller/rpc/grpc_device_call.h"

namespace flotilla::controller {

StatusOr<SessionPeer> SessionPeerOf(const StatusOr<security::PeerIdentity>& device) {
  FLOTILLA_RETURN_IF_ERROR(device.status());
  return SessionPeer{device->name, device->serial_hex, device->not_after, device->spki,
                     device->not_before};
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SessionService::Session(
    grpc::CallbackServerContext* context) {
  const auto call = GrpcDeviceCall::Create(*context);
  call->Begin(SessionStream::Open(
      fleet_, call, nullptr, SessionPeerOf(gate_.Check(*context, security::PeerKind::kDevice))));
  return call.get();
}

}  // namespace flotilla::controller
