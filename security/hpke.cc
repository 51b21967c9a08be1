#include "security/hpke.h"

#include <cstddef>
#include <limits>
#include <utility>

#include "security/hpke/aes_gcm.h"

namespace flotilla::security {

StatusOr<SecretBytes> HpkeContext::Export(ByteView exporter_context, std::size_t length) const {
  return HpkeExport(keys_, exporter_context, length);
}

Status HpkeContext::CheckSequence() const {
  if (sequence_number_ == std::numeric_limits<std::uint64_t>::max()) {
    return ResourceExhausted("this HPKE context has sealed all the messages it may");
  }
  return OkStatus();
}

StatusOr<HpkeSender> HpkeSender::Start(ByteView receiver_public_key, ByteView info,
                                       Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const HpkeKeyPair ephemeral, GenerateHpkeKeyPair(random));
  FLOTILLA_ASSIGN_OR_RETURN(const Encapsulated agreed, Encapsulate(ephemeral, receiver_public_key));
  FLOTILLA_ASSIGN_OR_RETURN(HpkeKeys keys, HpkeKeySchedule(agreed.shared_secret, info));
  return HpkeSender(std::move(keys), agreed.enc);
}

StatusOr<Bytes> HpkeSender::Seal(ByteView aad, ByteView plaintext) {
  FLOTILLA_RETURN_IF_ERROR(CheckSequence());
  FLOTILLA_ASSIGN_OR_RETURN(
      Bytes ciphertext,
      AesGcmSeal(keys().key.view(), HpkeNonce(keys(), sequence_number()), aad, plaintext));
  Advance();
  return ciphertext;
}

StatusOr<HpkeReceiver> HpkeReceiver::Start(ByteView enc, const HpkeKeyPair& receiver,
                                           ByteView info) {
  FLOTILLA_ASSIGN_OR_RETURN(const SecretBytes shared, Decapsulate(enc, receiver));
  FLOTILLA_ASSIGN_OR_RETURN(HpkeKeys keys, HpkeKeySchedule(shared, info));
  return HpkeReceiver(std::move(keys));
}

StatusOr<Bytes> HpkeReceiver::Open(ByteView aad, ByteView ciphertext) {
  FLOTILLA_RETURN_IF_ERROR(CheckSequence());
  FLOTILLA_ASSIGN_OR_RETURN(
      Bytes plaintext,
      AesGcmOpen(keys().key.view(), HpkeNonce(keys(), sequence_number()), aad, ciphertext));
  Advance();
  return plaintext;
}

StatusOr<HpkeSealed> HpkeSeal(ByteView receiver_public_key, ByteView info, ByteView aad,
                              ByteView plaintext, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(HpkeSender sender,
                            HpkeSender::Start(receiver_public_key, info, random));
  FLOTILLA_ASSIGN_OR_RETURN(Bytes ciphertext, sender.Seal(aad, plaintext));
  return HpkeSealed{sender.enc(), std::move(ciphertext)};
}

StatusOr<Bytes> HpkeOpen(ByteView enc, const HpkeKeyPair& receiver, ByteView info, ByteView aad,
                         ByteView ciphertext) {
  FLOTILLA_ASSIGN_OR_RETURN(HpkeReceiver context, HpkeReceiver::Start(enc, receiver, info));
  return context.Open(aad, ciphertext);
}

}  // namespace flotilla::security
