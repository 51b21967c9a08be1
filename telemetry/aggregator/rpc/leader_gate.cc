#include "telemetry/aggregator/rpc/leader_gate.h"

#include <vector>

#include <grpc/grpc_security_constants.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "security/x509/peer.h"
#include "telemetry/aggregator/setup.h"

namespace flotilla::telemetry {

Status LeaderGate::Check(const grpc::ServerContextBase& context) const {
  const auto auth = context.auth_context();
  const auto pem = auth == nullptr ? std::vector<grpc::string_ref>()
                                   : auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.empty()) return Unauthenticated("no client certificate");
  FLOTILLA_ASSIGN_OR_RETURN(
      const security::PeerIdentity peer,
      security::CheckPeer({pem.front().data(), pem.front().size()}, ca_pem_, clock_.Now()));
  if (peer.kind != security::PeerKind::kOperator || peer.name != kLeaderName) {
    return WithReason(PermissionDenied("this listener is for the leader alone"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  return OkStatus();
}

}  // namespace flotilla::telemetry
