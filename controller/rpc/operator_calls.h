#ifndef FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_
#define FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_

#include <functional>
#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "base/status.h"
#include "controller/fleet/fleet.h"
#include "controller/rpc/grpc_status.h"
#include "controller/rpc/peer_gate.h"

namespace flotilla::controller {

// How every unary call of an operator is served: certificate first, then on the fleet loop.
// Thread-safe; what is given outlives it.
class OperatorCalls {
 public:
  using Finish = std::function<void(const Status&)>;
  // Runs on the fleet loop; calls `finish` once, now or later, on that loop. `actor`:
  // "operator:alice".
  using Handler = std::function<void(const std::string& actor, const Finish& finish)>;

  OperatorCalls(const PeerGate& gate, Fleet& fleet) : gate_(gate), fleet_(fleet) {}

  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, Handler handler) const;
  // The actor of a call, or why it is refused.
  StatusOr<std::string> ActorOf(const grpc::CallbackServerContext& context) const;

  Fleet& fleet() const { return fleet_; }

 private:
  const PeerGate& gate_;
  Fleet& fleet_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_OPERATOR_CALLS_H_
