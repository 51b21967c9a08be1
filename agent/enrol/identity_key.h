#ifndef FLOTILLA_AGENT_ENROL_IDENTITY_KEY_H_
#define FLOTILLA_AGENT_ENROL_IDENTITY_KEY_H_

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::agent {

// Port: the private key that this device is known by, P-256. Real: the key in a file
// or in this machine's TPM (pem_identity_keys.h). Blocking. UNAVAILABLE with
// CONTROL_KEY_UNAVAILABLE: what holds the key does not answer.
class IdentityKey {
 public:
  virtual ~IdentityKey() = default;
  // SubjectPublicKeyInfo.
  virtual Bytes PublicSpkiDer() const = 0;
  // PKCS#10, signed by the key.
  virtual StatusOr<Bytes> MakeCsrDer() const = 0;
  // ECDSA-SHA256 over `message`, DER.
  virtual StatusOr<Bytes> Sign(ByteView message) const = 0;
  // One PEM block that TLS (gRPC, libcurl) loads the key from: PKCS#8, or a key that only the TPM
  // which made it can open ("TSS2 PRIVATE KEY"). It is what the identity folder keeps.
  virtual StatusOr<std::string> TlsPem() const = 0;

 protected:
  IdentityKey() = default;
  IdentityKey(const IdentityKey&) = default;
  IdentityKey& operator=(const IdentityKey&) = default;
};

// Port: where device keys come from. One thread at a time. Real: PemIdentityKeys.
class IdentityKeys {
 public:
  virtual ~IdentityKeys() = default;
  // A new key. Nothing is kept: the caller keeps its TlsPem.
  virtual StatusOr<std::unique_ptr<IdentityKey>> Make() = 0;
  // A key that was made here before. INVALID_ARGUMENT: not a key of this kind.
  virtual StatusOr<std::unique_ptr<IdentityKey>> FromPem(const std::string& pem) = 0;

 protected:
  IdentityKeys() = default;
  IdentityKeys(const IdentityKeys&) = default;
  IdentityKeys& operator=(const IdentityKeys&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENROL_IDENTITY_KEY_H_
