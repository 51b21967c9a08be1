#ifndef FLOTILLA_SECURITY_SIGNER_H_
#define FLOTILLA_SECURITY_SIGNER_H_

#include "base/bytes.h"
#include "base/status.h"
#include "security/public_key.h"

namespace flotilla::security {

// Port: who can sign with one private key: a key file (security/key_file.h), later a token or a
// program. One thread at a time. Sign may block (a token asks for a touch).
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const PublicKey& public_key() const = 0;
  // A signature over `message` that public_key().Verify accepts. UNAVAILABLE: the token is away;
  // INTERNAL: the library refused.
  virtual StatusOr<Bytes> Sign(ByteView message) = 0;

 protected:
  Signer() = default;
  Signer(const Signer&) = default;
  Signer& operator=(const Signer&) = default;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SIGNER_H_
