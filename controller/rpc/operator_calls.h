#ifndef FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_
#define FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_

#include <functional>
#include <string>

#include <grpcpp/grpcpp.h>
#include "google/protobuf/message.h"

#include "base/status.h"
#include "controller/access/refusal_audit.h"
#include "controller/fleet/fleet.h"
#include "controller/rpc/grpc_status.h"
#include "controller/rpc/peer_gate.h"
#include "security/x509/peer.h"

namespace flotilla::controller {

// How every call of an operator is served: certificate and permission first
// (controller/access/permissions.h; the row is found by the request's message), then whether all of
// the request is understood (CheckKnownFields), then on the fleet loop. Thread-safe; what is given
// outlives it.
class OperatorCalls {
 public:
  using Finish = std::function<void(const Status&)>;
  // Runs on the fleet loop; calls `finish` once, now or later, on that loop. `actor`:
  // "operator:alice".
  using Handler = std::function<void(const std::string& actor, const Finish& finish)>;

  OperatorCalls(const PeerGate& gate, Fleet& fleet, RefusalAudit& refusals)
      : gate_(gate), fleet_(fleet), refusals_(refusals) {}

  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context,
                                  const google::protobuf::Message& request, Handler handler) const;
  // Who calls, if he may. UNAUTHENTICATED, PERMISSION_DENIED: as PeerGate and CheckPermission; a
  // refused change is audited.
  StatusOr<security::PeerIdentity> Admit(const grpc::CallbackServerContext& context,
                                         const google::protobuf::Message& request) const;

  Fleet& fleet() const { return fleet_; }

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
  RefusalAudit& refusals_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_
