#ifndef FLOTILLA_SECURITY_CLOCK_ATTESTATION_H_
#define FLOTILLA_SECURITY_CLOCK_ATTESTATION_H_

#include <cstddef>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "security/public_key.h"

namespace flotilla::security {

inline constexpr std::size_t kClockNonceBytes = 32;

// "flotilla-clock-v1" || 0 || nonce || seconds since 1970, big-endian, 8 bytes: what
// ClockAttestation.signature covers. Parts of a second are cut.
Bytes ClockMessage(ByteView nonce, Time at);

// PERMISSION_DENIED unless `signature` is the key's over ClockMessage and the nonce has
// kClockNonceBytes.
Status VerifyClock(const PublicKey& key, ByteView nonce, Time at, ByteView signature);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_CLOCK_ATTESTATION_H_
