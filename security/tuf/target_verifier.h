// Checks a target's bytes against its metadata while they stream by.
#ifndef FLOTILLA_SECURITY_TUF_TARGET_VERIFIER_H_
#define FLOTILLA_SECURITY_TUF_TARGET_VERIFIER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"
#include "security/sha256.h"
#include "security/sha512.h"
#include "security/tuf/client.h"

namespace flotilla::tuf {

// Lengths are 64 bits throughout. One thread at a time.
class TargetVerifier {
 public:
  explicit TargetVerifier(const TargetInfo& target);

  // DATA_LOSS with TRUST_LENGTH_MISMATCH as soon as there are more bytes than the target has.
  Status Update(ByteView bytes);
  // DATA_LOSS with TRUST_LENGTH_MISMATCH or TRUST_HASH_MISMATCH unless length and every listed hash
  // agree. Call once.
  Status Finish();

 private:
  std::string path_;
  std::uint64_t length_;
  std::uint64_t seen_ = 0;
  std::optional<Digest> sha256_;
  std::optional<Bytes> sha512_;
  security::Sha256Hasher hasher256_;
  security::Sha512Hasher hasher512_;
};

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_TARGET_VERIFIER_H_
