#include "security/sha512.h"

#include <openssl/evp.h>

#include "security/evp_hash.h"

namespace flotilla::security {

Sha512Hasher::Sha512Hasher() : context_(StartHash(EVP_sha512())) {}

void Sha512Hasher::Update(ByteView bytes) {
  UpdateHash(*context_, bytes);
}

Bytes Sha512Hasher::Finish() {
  Bytes out(kSha512Size);
  FinishHash(*context_, out);
  return out;
}

Bytes Sha512(ByteView bytes) {
  Sha512Hasher hasher;
  hasher.Update(bytes);
  return hasher.Finish();
}

}  // namespace flotilla::security
