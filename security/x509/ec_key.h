#ifndef FLOTILLA_SECURITY_X509_EC_KEY_H_
#define FLOTILLA_SECURITY_X509_EC_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

struct evp_pkey_st;

namespace flotilla::security {

// A private key for TLS: ECDSA over P-256, made and kept by the machine it names. Immutable; copies
// share it; thread-safe.
class EcKey {
 public:
  // INTERNAL only when the random source fails.
  static StatusOr<EcKey> Generate();
  // PKCS#8 or SEC 1, not encrypted, at most 8 KiB; or "TSS2 PRIVATE KEY", a key in this machine's
  // TPM, while a Tpm2Provider is loaded. INVALID_ARGUMENT: not PEM, or not a P-256 key;
  // FAILED_PRECONDITION: a TPM key, and no TPM that can use it is open.
  static StatusOr<EcKey> FromPem(std::string_view pem);

  // PKCS#8 PEM, not encrypted: keep it in a file of mode 0600. Of a TPM key the text it came from.
  StatusOr<std::string> ToPem() const;
  // PKCS#10 DER with the subject "CN=flotilla", signed by this key. The authority takes the public
  // key from it and nothing else.
  StatusOr<Bytes> MakeCsrDer() const;
  // ECDSA-SHA256 over `message`, DER.
  StatusOr<Bytes> Sign(ByteView message) const;
  // SubjectPublicKeyInfo, DER (RFC 5480).
  const Bytes& PublicSpkiDer() const { return spki_; }

  // For the other files of this library.
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  EcKey(std::shared_ptr<evp_pkey_st> key, Bytes spki, std::string held_pem = "");

  std::shared_ptr<evp_pkey_st> key_;
  Bytes spki_;
  std::string held_pem_;  // of a key that cannot leave its TPM
};

// UNAUTHENTICATED unless `signature` is one by the key of `spki_der` (P-256) over `message`.
Status VerifyEcSignature(ByteView spki_der, ByteView message, ByteView signature);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_X509_EC_KEY_H_
