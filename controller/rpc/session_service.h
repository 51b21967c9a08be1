#ifndef FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_

#include "controller/fleet/fleet.h"
#include "controller/rpc/peer_gate.h"
#include "controller/rpc/session_stream.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::controller {

// Of a certificate that passed the gate; its error stays.
StatusOr<SessionPeer> SessionPeerOf(const StatusOr<security::PeerIdentity>& device);

// DeviceService for replicas: opens a stream for each device in whose name one calls. Thread-safe;
// what is given outlives it.
class SessionService final
    : public v1::DeviceService::WithRawCallbackMethod_Session<v1::DeviceService::Service> {
 public:
  SessionService(const PeerGate& gate, Fleet& fleet) : gate_(gate), fleet_(fleet) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Session(
      grpc::CallbackServerContext* context) override;

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_
