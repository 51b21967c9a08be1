// The one certificate check of the product: gRPC listeners and clients, HTTPS listeners and curl
// all call it, with a `now` that is given to them.
#ifndef FLOTILLA_SECURITY_X509_PEER_H_
#define FLOTILLA_SECURITY_X509_PEER_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"
#include "security/x509/operator_role.h"

namespace flotilla::security {

enum class PeerKind { kUnspecified = 0, kDevice, kOperator, kServer, kReplica };

struct PeerIdentity {
  PeerKind kind = PeerKind::kUnspecified;
  std::string name;  // of a device, operator or replica; or the first host name of a server
  // Of an operator: what "flotilla:role:<role>" says, kAdmin for a certificate without one.
  OperatorRole role = OperatorRole::kUnspecified;
  std::string serial_hex;  // lower-case digits, as IssuedCertificate::serial_hex
  Time not_before;
  Time not_after;
  Digest spki;     // SHA-256 of the SubjectPublicKeyInfo
  Bytes spki_der;  // for VerifyEcSignature
};

enum class EndCheck {
  kUnspecified = 0,
  kEnforced,
  kForgiven,  // a certificate past its end passes too: renewal of a device that was dark
};

// Who the first certificate of `leaf_pem` names, after checking that one of the CAs in `ca_pem` (at
// most 8, bundle.h) issued it, that both
// are valid at `now`, that it is a leaf with the one key use that its one name asks for: clientAuth
// for SAN URI "flotilla:device:<id>", "flotilla:operator:<name>" and "flotilla:replica:<name>",
// serverAuth for host names. An
// operator's may have one URI more, its role (operator_role.h); a role unknown here is refused.
// Certificates after the first are ignored: leaves hang directly under the authority. Revocation is
// the caller's. Thread-safe.
// Errors, all UNAUTHENTICATED with the cause in the text; FETCH_TLS as reason,
// CONTROL_CERTIFICATE_EXPIRED for one past its end.
StatusOr<PeerIdentity> CheckPeer(std::string_view leaf_pem, std::string_view ca_pem, Time now,
                                 EndCheck end = EndCheck::kEnforced);

// What a client knows of the time when it looks at a server's certificate.
struct CertificateTime {
  Time now;
  // `now` is only a lower bound of the time (a device without a clock of its own): a certificate
  // whose validity begins later may well be valid, one that ended before is not.
  bool at_least = false;
};

// CheckPeer for a server, plus: the certificate names `host` (a DNS name, no wildcards on either
// side, or an IP address). No `host` at all: the caller compares the name itself, as curl does.
Status CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                   std::optional<std::string_view> host, const CertificateTime& time);
Status CheckServer(std::string_view leaf_pem, std::string_view ca_pem,
                   std::optional<std::string_view> host, Time now);

// The certificate of `chain_pem` (at most 64 KiB, 8 certificates) whose DER has the digest `pin`,
// as PEM. UNAUTHENTICATED when there is none: the peer is not the controller that the token names.
StatusOr<std::string> FindPinnedAuthority(std::string_view chain_pem, const Digest& pin);

// DER of the first certificate in a PEM text, and back. INVALID_ARGUMENT: not a certificate.
StatusOr<Bytes> CertificatePemToDer(std::string_view pem);
StatusOr<std::string> CertificateDerToPem(ByteView der);

// notAfter of the first certificate; nothing is verified. For renewal in time.
StatusOr<Time> CertificateEnd(std::string_view pem);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_PEER_H_
