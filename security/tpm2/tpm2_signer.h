#ifndef FLOTILLA_SECURITY_TPM2_TPM2_SIGNER_H_
#define FLOTILLA_SECURITY_TPM2_TPM2_SIGNER_H_

#include <memory>
#include <utility>

#include "security/signer.h"
#include "security/tpm2/tpm2_context.h"

namespace flotilla::security {

// Signer over a key in a TPM. Errors as Tpm2Key::SignDigest.
class Tpm2Signer final : public Signer {
 public:
  explicit Tpm2Signer(std::shared_ptr<Tpm2Key> key) : key_(std::move(key)) {}

  const PublicKey& public_key() const override { return key_->public_key(); }
  StatusOr<Bytes> Sign(ByteView message) override;

 private:
  std::shared_ptr<Tpm2Key> key_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_TPM2_TPM2_SIGNER_H_
