#include "controller/rpc/peer_gate.h"

#include <vector>

#include <grpc/grpc_security_constants.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/bytes.h"

namespace flotilla::controller {
namespace {

// Calls `use` with who calls by gRPC.
template <typename Use>
auto AsPeer(const grpc::ServerContextBase& context, Use use) {
  const std::string peer = context.peer();
  CallPeer caller;
  caller.peer = peer;
  const auto auth = context.auth_context();
  const auto pem = auth == nullptr ? std::vector<grpc::string_ref>()
                                   : auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (!pem.empty()) {
    caller.certificate_pem = {pem.front().data(), pem.front().size()};
  }
  const auto& metadata = context.client_metadata();
  if (const auto der = metadata.find(kForwardedDevice); der != metadata.end()) {
    caller.forwarded_der = std::string_view(der->second.data(), der->second.size());
  }
  return use(caller);
}

}  // namespace

StatusOr<security::PeerIdentity> PeerGate::Identify(const grpc::ServerContextBase& context) const {
  return AsPeer(context, [this](const CallPeer& caller) { return Identify(caller); });
}

StatusOr<security::PeerIdentity> PeerGate::Identify(const CallPeer& caller) const {
  if (caller.certificate_pem.empty()) {
    return Unauthenticated("no client certificate");
  }
  FLOTILLA_ASSIGN_OR_RETURN(security::PeerIdentity peer,
                            checker_.Check(caller.certificate_pem, clock_.Now()));
  if (peer.kind == security::PeerKind::kReplica) {
    return Forwarded(caller, peer);
  }
  return peer;
}

StatusOr<security::PeerIdentity> PeerGate::Forwarded(const CallPeer& caller,
                                                     const security::PeerIdentity& replica) const {
  if (revocations_.Contains(replica.serial_hex)) {
    return Unavailable("the replica's certificate is revoked");  // no word on the device
  }
  if (!caller.forwarded_der.has_value()) {
    return WithReason(PermissionDenied("a replica calls in the name of a device"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  auto pem = security::CertificateDerToPem(AsBytes(*caller.forwarded_der));
  if (!pem.ok()) {
    return Unauthenticated(MessageOf(pem.status()));
  }
  FLOTILLA_ASSIGN_OR_RETURN(security::PeerIdentity device, checker_.Check(*pem, clock_.Now()));
  if (device.kind != security::PeerKind::kDevice) {
    return WithReason(PermissionDenied("a replica calls in the name of a device"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  return device;
}

Status PeerGate::CheckStanding(const security::PeerIdentity& peer) const {
  const bool revoked_device =
      peer.kind == security::PeerKind::kDevice && revocations_.ContainsDevice(peer.name);
  if (revoked_device || revocations_.Contains(peer.serial_hex)) {
    return WithReason(Unauthenticated("the certificate is revoked"),
                      v1::FAILURE_REASON_CONTROL_CERTIFICATE_REVOKED);
  }
  return OkStatus();
}

StatusOr<security::PeerIdentity> PeerGate::Check(const grpc::ServerContextBase& context,
                                                 security::PeerKind wanted) const {
  return AsPeer(context, [this, wanted](const CallPeer& caller) { return Check(caller, wanted); });
}

StatusOr<security::PeerIdentity> PeerGate::Check(const CallPeer& caller,
                                                 security::PeerKind wanted) const {
  if (admission_ != nullptr) {
    admission_->OnCall(std::string(caller.peer));
  }
  FLOTILLA_ASSIGN_OR_RETURN(security::PeerIdentity peer, Identify(caller));
  FLOTILLA_RETURN_IF_ERROR(CheckStanding(peer));
  if (peer.kind != wanted) {
    return WithReason(PermissionDenied("this listener is not for such a certificate"),
                      v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  }
  return peer;
}

}  // namespace flotilla::controller
