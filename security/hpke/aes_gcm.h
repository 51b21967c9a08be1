// AES-128-GCM, one message at a time.
#ifndef FLOTILLA_SECURITY_HPKE_AES_GCM_H_
#define FLOTILLA_SECURITY_HPKE_AES_GCM_H_

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::security {

// `key` has 16 bytes, `nonce` 12; a nonce serves one message of a key. Both inputs are below 2 GiB,
// else INVALID_ARGUMENT. Returns the ciphertext and the tag of 16 bytes.
StatusOr<Bytes> AesGcmSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);
// INVALID_ARGUMENT: shorter than a tag; UNAUTHENTICATED: not sealed by this key with this nonce and
// `aad`. Nothing of the plaintext is left in memory then.
StatusOr<Bytes> AesGcmOpen(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HPKE_AES_GCM_H_
