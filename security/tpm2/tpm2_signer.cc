#include "security/tpm2/tpm2_signer.h"

#include "security/sha256.h"

namespace flotilla::security {

StatusOr<Bytes> Tpm2Signer::Sign(ByteView message) {
  return key_->SignDigest(Sha256(message).bytes());
}

}  // namespace flotilla::security
