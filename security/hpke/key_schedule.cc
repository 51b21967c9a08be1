#include "security/hpke/key_schedule.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "security/hpke/dhkem.h"
#include "security/hpke/labeled_hkdf.h"

namespace flotilla::security {
namespace {

LabeledHkdf SuiteHkdf() {
  return LabeledHkdf({'H', 'P', 'K', 'E', 0x00, kHpkeKemX25519HkdfSha256, 0x00, kHpkeKdfHkdfSha256,
                      0x00, kHpkeAeadAes128Gcm});
}

}  // namespace

StatusOr<Bytes> HpkeKeyScheduleContext(ByteView info) {
  const LabeledHkdf hkdf = SuiteHkdf();
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes psk_id_hash, hkdf.Extract({}, "psk_id_hash", {}));
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes info_hash, hkdf.Extract({}, "info_hash", info));
  Bytes context = {kHpkeModeBase};
  context.insert(context.end(), psk_id_hash.view().begin(), psk_id_hash.view().end());
  context.insert(context.end(), info_hash.view().begin(), info_hash.view().end());
  return context;
}

StatusOr<HpkeKeys> HpkeKeySchedule(const SecretBytes& shared_secret, ByteView info) {
  const LabeledHkdf hkdf = SuiteHkdf();
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes context, HpkeKeyScheduleContext(info));
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes secret,
                            hkdf.Extract(shared_secret.view(), "secret", {}));
  HpkeKeys keys;
  FLOTILLA_ASSIGN_OR_RETURN(keys.key, hkdf.Expand(secret, "key", context, kHpkeKeyBytes));
  FLOTILLA_ASSIGN_OR_RETURN(keys.base_nonce,
                            hkdf.Expand(secret, "base_nonce", context, kHpkeNonceBytes));
  FLOTILLA_ASSIGN_OR_RETURN(keys.exporter_secret,
                            hkdf.Expand(secret, "exp", context, kHkdfHashBytes));
  return keys;
}

StatusOr<SecretBytes> HpkeExport(const HpkeKeys& keys, ByteView exporter_context,
                                 std::size_t length) {
  return SuiteHkdf().Expand(keys.exporter_secret, "sec", exporter_context, length);
}

Bytes HpkeNonce(const HpkeKeys& keys, std::uint64_t sequence_number) {
  const ByteView base = keys.base_nonce.view();
  Bytes nonce(base.begin(), base.end());
  for (std::size_t i = 0; i < sizeof(sequence_number); ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_number >> (8U * i));
  }
  return nonce;
}

}  // namespace flotilla::security
