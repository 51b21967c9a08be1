#include "telemetry/dap/input_share.h"

#include <utility>

#include "security/hpke.h"

namespace flotilla::dap {

StatusOr<HpkeCiphertext> SealInputShare(const PlaintextInputShare& share, const HpkeConfig& config,
                                        Role receiver, ByteView aad, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(
      security::HpkeSealed sealed,
      security::HpkeSeal(config.public_key, InputShareInfo(receiver), aad, share.Encode(), random));
  HpkeCiphertext ciphertext;
  ciphertext.config_id = config.id;
  ciphertext.enc.assign(sealed.enc.begin(), sealed.enc.end());
  ciphertext.payload = std::move(sealed.ciphertext);
  return ciphertext;
}

StatusOr<PlaintextInputShare> OpenInputShare(const HpkeCiphertext& ciphertext,
                                             const HpkeKeyring& keys, Role receiver, ByteView aad) {
  const auto key = keys.find(ciphertext.config_id);
  if (key == keys.end()) return NotFound("an input share for an HPKE key that is not here");
  const StatusOr<Bytes> plaintext = security::HpkeOpen(
      ciphertext.enc, key->second, InputShareInfo(receiver), aad, ciphertext.payload);
  if (!plaintext.ok()) return Unauthenticated("an input share that does not open");
  return PlaintextInputShare::Decode(*plaintext);
}

ReportError ErrorOfOpening(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound:
      return ReportError::kHpkeUnknownConfigId;
    case StatusCode::kUnauthenticated:
      return ReportError::kHpkeDecryptError;
    default:
      return ReportError::kInvalidMessage;
  }
}

}  // namespace flotilla::dap
