#ifndef FLOTILLA_CONTROLLER_RPC_PEER_GATE_H_
#define FLOTILLA_CONTROLLER_RPC_PEER_GATE_H_

#include <optional>
#include <string>
#include <string_view>

#include <grpcpp/grpcpp.h>

#include "base/clock.h"
#include "base/status.h"
#include "controller/fleet/revocation_set.h"
#include "controller/session/admission_gate.h"
#include "security/x509/peer.h"
#include "security/x509/peer_checker.h"

namespace flotilla::controller {

// Metadata by which a replica says in whose name it calls: the device's certificate, DER.
inline constexpr char kForwardedDevice[] = "flotilla-device-bin";

// Who calls, as the transport knows it. Views: for one call of the gate.
struct CallPeer {
  std::string_view peer;             // "ipv4:10.0.0.7:51234"
  std::string_view certificate_pem;  // verified by TLS; empty: none
  // kForwardedDevice, where the call brings it.
  std::optional<std::string_view> forwarded_der;
};

// Who calls: the certificate of a mutual TLS connection, checked again at every call and stream
// (dates, revocation; a resumed TLS session skips the handshake's check). Thread-safe.
class PeerGate {
 public:
  // `admission`: learns that the connection of a call is past its handshake; outlives this.
  // nullptr: nobody does.
  PeerGate(const std::string& ca_pem, const Clock& clock, const RevocationSet& revocations,
           AdmissionGate* admission)
      : checker_(ca_pem), clock_(clock), revocations_(revocations), admission_(admission) {}

  // Whose certificate it is. UNAUTHENTICATED: none, not of this authority, out of its dates. Of a
  // replica it is the device's in whose name it calls (kForwardedDevice), checked in the same way;
  // PERMISSION_DENIED: it brings none, or that of something else. UNAVAILABLE: the replica itself
  // is revoked.
  StatusOr<security::PeerIdentity> Identify(const CallPeer& caller) const;
  StatusOr<security::PeerIdentity> Identify(const grpc::ServerContextBase& context) const;
  // UNAUTHENTICATED: it is revoked (CONTROL_CERTIFICATE_REVOKED).
  Status CheckStanding(const security::PeerIdentity& peer) const;
  // Both, and its kind. UNAUTHENTICATED: no certificate, not of this authority, out of its dates,
  // revoked (CONTROL_CERTIFICATE_REVOKED). PERMISSION_DENIED (CONTROL_NOT_ALLOWED): good, but not
  // `wanted`.
  StatusOr<security::PeerIdentity> Check(const CallPeer& caller, security::PeerKind wanted) const;
  StatusOr<security::PeerIdentity> Check(const grpc::ServerContextBase& context,
                                         security::PeerKind wanted) const;

 private:
  StatusOr<security::PeerIdentity> Forwarded(const CallPeer& caller,
                                             const security::PeerIdentity& replica) const;

  const security::PeerChecker checker_;
  const Clock& clock_;
  const RevocationSet& revocations_;
  AdmissionGate* const admission_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RPC_PEER_GATE_H_
