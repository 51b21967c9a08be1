#ifndef FLOTILLA_SECURITY_VERIFYING_SIGNER_H_
#define FLOTILLA_SECURITY_VERIFYING_SIGNER_H_

#include <memory>
#include <string>
#include <utility>

#include "security/signer.h"

namespace flotilla::security {

// Hands out no signature that its own public key refuses (DATA_LOSS with `name`).
class VerifyingSigner final : public Signer {
 public:
  VerifyingSigner(std::unique_ptr<Signer> inner, std::string name)
      : inner_(std::move(inner)), name_(std::move(name)) {}

  const PublicKey& public_key() const override { return inner_->public_key(); }
  StatusOr<Bytes> Sign(ByteView message) override;

 private:
  std::unique_ptr<Signer> inner_;
  std::string name_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_VERIFYING_SIGNER_H_
