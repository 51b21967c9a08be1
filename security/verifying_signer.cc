#include "security/verifying_signer.h"

namespace flotilla::security {

StatusOr<Bytes> VerifyingSigner::Sign(ByteView message) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes signature, inner_->Sign(message));
  const Status status = public_key().Verify(message, signature);
  if (!status.ok()) {
    return DataLoss(name_ + " returned a signature that its public key refuses (" +
                    MessageOf(status) + "): is the public key that of this signer?");
  }
  return signature;
}

}  // namespace flotilla::security
