// DHKEM(X25519, HKDF-SHA256) of RFC 9180 section 4.1.
#ifndef FLOTILLA_SECURITY_HPKE_DHKEM_H_
#define FLOTILLA_SECURITY_HPKE_DHKEM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "security/secret_bytes.h"

namespace flotilla::security {

inline constexpr std::uint16_t kHpkeKemX25519HkdfSha256 = 0x0020;
inline constexpr std::size_t kX25519KeyBytes = 32;  // Nsk = Npk = Nenc = Ndh

using X25519PublicKey = std::array<std::uint8_t, kX25519KeyBytes>;

struct HpkeKeyPair {
  SecretBytes private_key;
  X25519PublicKey public_key{};
};

// RFC 9180 section 7.1.3. The same pair for the same `ikm`, which has the entropy of a private key.
// INVALID_ARGUMENT: fewer than 32 bytes.
StatusOr<HpkeKeyPair> DeriveHpkeKeyPair(ByteView ikm);
// DeriveHpkeKeyPair of 32 random bytes.
StatusOr<HpkeKeyPair> GenerateHpkeKeyPair(Random& random);
// The pair of a stored private key. INVALID_ARGUMENT: not 32 bytes.
StatusOr<HpkeKeyPair> HpkeKeyPairOf(ByteView private_key);

struct Encapsulated {
  SecretBytes shared_secret;  // 32 bytes
  X25519PublicKey enc{};
};

// Encap with `ephemeral` as the ephemeral pair; it must not be used again.
// INVALID_ARGUMENT: the receiver's key is not 32 bytes, or the Diffie-Hellman result is all zero (a
// point of small order; RFC 7748 section 6.1), which would let anyone read.
StatusOr<Encapsulated> Encapsulate(const HpkeKeyPair& ephemeral, ByteView receiver_public_key);
// Decap. INVALID_ARGUMENT as above, for `enc`.
StatusOr<SecretBytes> Decapsulate(ByteView enc, const HpkeKeyPair& receiver);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HPKE_DHKEM_H_
