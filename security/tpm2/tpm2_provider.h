// TLS with a key in the TPM: gRPC and libcurl take a private key only as PEM text, which OpenSSL
// reads for them. This provider lets OpenSSL's default context read "TSS2 PRIVATE KEY" PEM. It
// stands before tpm2-openssl's own provider because that one does not guard its connection to the
// TPM against two threads (two handshakes at once break it), and would take over digests and random
// numbers of the whole process.
#ifndef FLOTILLA_SECURITY_TPM2_TPM2_PROVIDER_H_
#define FLOTILLA_SECURITY_TPM2_TPM2_PROVIDER_H_

#include <memory>
#include <string>
#include <utility>

#include "base/status.h"
#include "security/tpm2/tpm2_context.h"

struct ossl_provider_st;

namespace flotilla::security {

// As long as it lives, whatever in this process reads a P-256 "TSS2 PRIVATE KEY" PEM gets a key
// that signs (ECDSA with SHA-256) in the TPM. One at a time; make it before other threads use
// OpenSSL and destroy it after them. Its keys may be used by any number of threads.
class Tpm2Provider {
 public:
  // Errors as Tpm2Context::Open.
  static StatusOr<std::unique_ptr<Tpm2Provider>> Load(const std::string& tcti);
  ~Tpm2Provider();
  Tpm2Provider(const Tpm2Provider&) = delete;
  Tpm2Provider& operator=(const Tpm2Provider&) = delete;

  // The TPM, to make keys in it and to learn why one cannot be used.
  Tpm2Context& context() const { return *context_; }

 private:
  explicit Tpm2Provider(std::shared_ptr<Tpm2Context> context) : context_(std::move(context)) {}

  std::shared_ptr<Tpm2Context> context_;
  ossl_provider_st* default_ = nullptr;
  ossl_provider_st* provider_ = nullptr;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TPM2_TPM2_PROVIDER_H_
