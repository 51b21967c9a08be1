// Keys that only this machine's TPM 2 can use, through the provider of tpm2-openssl.
#ifndef FLOTILLA_SECURITY_TPM2_TPM2_CONTEXT_H_
#define FLOTILLA_SECURITY_TPM2_TPM2_CONTEXT_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "security/public_key.h"

struct evp_pkey_st;
struct ossl_lib_ctx_st;
struct ossl_provider_st;

namespace flotilla::security {

class Tpm2Key;

// One connection to a TPM, in an OpenSSL library context of its own: the provider keeps one
// connection for all its keys and does not guard it, so every use is behind this object's lock, and
// nothing else in the process (TLS, digests, random numbers) ever lands in the TPM. A key is loaded
// once, however often it is asked for: a TPM without a resource manager has three places.
// Thread-safe.
class Tpm2Context : public std::enable_shared_from_this<Tpm2Context> {
 public:
  // `tcti` as tpm2-tss writes it ("device:/dev/tpmrm0", "swtpm:path=/run/tpm.sock"); empty: what
  // the environment or the system names. Call it before other threads read the environment.
  // FAILED_PRECONDITION: the provider is not installed; UNAVAILABLE: no TPM answers there.
  static StatusOr<std::shared_ptr<Tpm2Context>> Open(const std::string& tcti);
  ~Tpm2Context();
  Tpm2Context(const Tpm2Context&) = delete;
  Tpm2Context& operator=(const Tpm2Context&) = delete;

  // A new key, made in the TPM, as "TSS2 PRIVATE KEY" PEM: useless without this TPM. P-256, or RSA
  // with 2048 bits (what every TPM has); UNIMPLEMENTED: Ed25519, which TPMs do not have.
  // `passphrase` may be empty. RESOURCE_EXHAUSTED: the TPM is full or busy.
  StatusOr<std::string> MakeKey(KeyKind kind, std::string_view passphrase);
  // INVALID_ARGUMENT: not such a PEM; FAILED_PRECONDITION: a key of another TPM (or of this one
  // before it was cleared); UNAUTHENTICATED: the passphrase is missing or wrong;
  // RESOURCE_EXHAUSTED, UNAVAILABLE: the TPM is full, busy or gone.
  StatusOr<std::shared_ptr<Tpm2Key>> LoadKey(const std::string& pem, std::string_view passphrase);

 private:
  friend class Tpm2Key;

  Tpm2Context() = default;
  Status LoadProviders(const std::string& tcti);

  std::mutex mutex_;
  ossl_lib_ctx_st* library_ = nullptr;
  ossl_provider_st* default_ = nullptr;
  ossl_provider_st* tpm2_ = nullptr;
  std::map<std::string, std::weak_ptr<Tpm2Key>> loaded_;  // by PEM
};

// A key in the TPM. Thread-safe.
class Tpm2Key {
 public:
  ~Tpm2Key();
  Tpm2Key(const Tpm2Key&) = delete;
  Tpm2Key& operator=(const Tpm2Key&) = delete;

  const PublicKey& public_key() const { return public_key_; }
  // Over a SHA-256 digest: ECDSA as DER, or RSA-PSS. Errors as LoadKey.
  StatusOr<Bytes> SignDigest(ByteView digest) const;

 private:
  friend class Tpm2Context;

  Tpm2Key(std::shared_ptr<Tpm2Context> context, evp_pkey_st* key, PublicKey public_key);

  std::shared_ptr<Tpm2Context> context_;
  evp_pkey_st* key_;
  PublicKey public_key_;
};

// True for a text that holds a "TSS2 PRIVATE KEY" PEM.
bool IsTpm2Pem(std::string_view pem);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TPM2_TPM2_CONTEXT_H_
