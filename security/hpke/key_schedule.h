// The key schedule of RFC 9180 section 5.1 for mode_base, HKDF-SHA256 and AES-128-GCM.
#ifndef FLOTILLA_SECURITY_HPKE_KEY_SCHEDULE_H_
#define FLOTILLA_SECURITY_HPKE_KEY_SCHEDULE_H_

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/status.h"
#include "security/secret_bytes.h"

namespace flotilla::security {

inline constexpr std::uint8_t kHpkeModeBase = 0;
inline constexpr std::uint16_t kHpkeKdfHkdfSha256 = 0x0001;
inline constexpr std::uint16_t kHpkeAeadAes128Gcm = 0x0001;
inline constexpr std::size_t kHpkeKeyBytes = 16;    // Nk
inline constexpr std::size_t kHpkeNonceBytes = 12;  // Nn
inline constexpr std::size_t kHpkeTagBytes = 16;    // Nt

struct HpkeKeys {
  SecretBytes key;
  SecretBytes base_nonce;
  SecretBytes exporter_secret;
};

// mode || psk_id_hash || info_hash.
StatusOr<Bytes> HpkeKeyScheduleContext(ByteView info);
StatusOr<HpkeKeys> HpkeKeySchedule(const SecretBytes& shared_secret, ByteView info);
// Context.Export of section 5.3: `length` bytes (8,160 at most, else INVALID_ARGUMENT).
StatusOr<SecretBytes> HpkeExport(const HpkeKeys& keys, ByteView exporter_context,
                                 std::size_t length);
// Context.ComputeNonce of section 5.2: base_nonce xor the number, big-endian. 12 bytes.
Bytes HpkeNonce(const HpkeKeys& keys, std::uint64_t sequence_number);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HPKE_KEY_SCHEDULE_H_
