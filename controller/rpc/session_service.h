#ifndef FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_
#define FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_

#include "controller/fleet/fleet.h"
#include "controller/rpc/peer_gate.h"
#include "controller/session/admission_gate.h"
#include "flotilla/v1/session.grpc.pb.h"

namespace flotilla::controller {

// DeviceService: opens a stream per device that has a good certificate. Thread-safe; what is given
// outlives it.
class SessionService final
    : public v1::DeviceService::WithRawCallbackMethod_Session<v1::DeviceService::Service> {
 public:
  // `admission`: told of every stream that opens and ends; null: nobody is.
  SessionService(const PeerGate& gate, Fleet& fleet, AdmissionGate* admission)
      : gate_(gate), fleet_(fleet), admission_(admission) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Session(
      grpc::CallbackServerContext* context) override;

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
  AdmissionGate* admission_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_SESSION_SERVICE_H_
