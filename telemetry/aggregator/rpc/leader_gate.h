#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_GATE_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_GATE_H_

#include <string>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/status.h"

namespace flotilla::telemetry {

// Lets the leader in and nobody else: the certificate of a mutual TLS connection, checked again at
// every call (a resumed TLS session skips the handshake's check). Thread-safe.
class LeaderGate {
 public:
  LeaderGate(std::string ca_pem, const Clock& clock) : ca_pem_(std::move(ca_pem)), clock_(clock) {}

  // UNAUTHENTICATED: no certificate, not of this authority, out of its dates. PERMISSION_DENIED: of
  // this authority, but not the leader's.
  Status Check(const grpc::ServerContextBase& context) const;

 private:
  const std::string ca_pem_;
  const Clock& clock_;
};

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_RPC_LEADER_GATE_H_
