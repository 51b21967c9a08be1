#ifndef FLOTILLA_SECURITY_X509_AUTHORITY_H_
#define FLOTILLA_SECURITY_X509_AUTHORITY_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "security/signer.h"
#include "security/x509/ec_key.h"
#include "security/x509/operator_role.h"

namespace flotilla::security {

// What a device sends is at most so long.
inline constexpr std::size_t kMaxCsrBytes = 4096;
// A certificate is valid from so long before its issue (a tenth of its life at most), for peers
// whose clocks run behind.
inline constexpr Duration kCertificateBackdate = absl::Hours(1);

inline constexpr Duration kAuthorityLife = absl::Hours(24 * 3650);
inline constexpr Duration kServerLife = absl::Hours(24 * 365);
inline constexpr Duration kOperatorLife = absl::Hours(24 * 365);
inline constexpr Duration kDeviceLife = absl::Hours(24 * 60);

struct IssuedCertificate {
  std::string chain_pem;   // leaf first, the authority last
  std::string serial_hex;  // 32 lower-case digits
  Digest spki;             // SHA-256 of the leaf's SubjectPublicKeyInfo
  Time not_before;
  Time not_after;
};

// SHA-256 of the public key that a CSR asks a certificate for. Refuses, as INVALID_ARGUMENT with
// CONTROL_CSR_INVALID: more than kMaxCsrBytes, trailing bytes, a key that is not P-256, a signature
// that is not by that key.
StatusOr<Digest> CheckCsr(ByteView csr_der);

// The operator's certificate authority: one self-signed P-256 root that issues leaves only. From a
// CSR it takes the public key alone; names and uses are the caller's. Immutable; thread-safe.
class CertificateAuthority {
 public:
  // A new key and its self-signed certificate "CN=<name>".
  static StatusOr<CertificateAuthority> Create(std::string_view name, Time now, Duration life);
  // The same with a key that lies elsewhere: a token, a TPM, a program. INVALID_ARGUMENT: not
  // P-256.
  static StatusOr<CertificateAuthority> CreateWith(std::shared_ptr<Signer> signer,
                                                   std::string_view name, Time now, Duration life);
  // INVALID_ARGUMENT: not PEM, not an authority, or key and certificate do not belong together.
  static StatusOr<CertificateAuthority> Load(std::string_view cert_pem, std::string_view key_pem);
  // `signer` null: it is trusted, but nothing can be issued (UNAVAILABLE with
  // CONTROL_KEY_UNAVAILABLE), as when it holds another key. Issuing blocks as long as it signs.
  static StatusOr<CertificateAuthority> LoadWith(std::string_view cert_pem,
                                                 std::shared_ptr<Signer> signer);

  const std::string& cert_pem() const { return cert_pem_; }
  // Only of an authority of Create or Load; else FAILED_PRECONDITION: the key lies elsewhere.
  StatusOr<std::string> KeyPem() const;
  // SHA-256 of the certificate's DER: the pin in enrolment tokens.
  const Digest& Fingerprint() const { return fingerprint_; }
  Time not_after() const { return not_after_; }

  // Leaves with 128 random bits of serial, ending after `life` or with the authority, whichever is
  // earlier. Errors: those of CheckCsr; FAILED_PRECONDITION when the authority is past its end.
  //
  // Client certificates; SAN URI "flotilla:device:<id>" or "flotilla:operator:<name>".
  StatusOr<IssuedCertificate> IssueDevice(ByteView csr_der, const DeviceId& device, Time now,
                                          Duration life) const;
  // `name` is an id text (base/strong_id.h) and `role` one of the four, which the certificate names
  // too; INVALID_ARGUMENT otherwise.
  StatusOr<IssuedCertificate> IssueOperator(ByteView csr_der, std::string_view name,
                                            OperatorRole role, Time now, Duration life) const;
  // For what one controller asks of another in the name of devices; SAN URI
  // "flotilla:replica:<name>", an id text.
  StatusOr<IssuedCertificate> IssueReplica(ByteView csr_der, std::string_view name, Time now,
                                           Duration life) const;
  // A server certificate for 1 to 18 host names and IP addresses; INVALID_ARGUMENT for a name that
  // is neither.
  StatusOr<IssuedCertificate> IssueServer(ByteView csr_der, const std::vector<std::string>& hosts,
                                          Time now, Duration life) const;

 private:
  struct KeyHolder;
  static StatusOr<CertificateAuthority> Make(std::string_view cert_pem,
                                             std::shared_ptr<KeyHolder> key);
  CertificateAuthority(std::shared_ptr<KeyHolder> key, std::string cert_pem, Digest fingerprint,
                       Time not_after);

  std::shared_ptr<KeyHolder> key_;
  std::string cert_pem_;
  Digest fingerprint_;
  Time not_after_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_AUTHORITY_H_
