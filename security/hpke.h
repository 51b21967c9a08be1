// HPKE of RFC 9180 in mode_base with the one suite of this project: DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, AES-128-GCM. Anyone can seal for a public key; only the holder of its private key
// opens, and learns nothing about who sealed.
#ifndef FLOTILLA_SECURITY_HPKE_H_
#define FLOTILLA_SECURITY_HPKE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "base/status.h"
#include "security/hpke/dhkem.h"
#include "security/hpke/key_schedule.h"
#include "security/secret_bytes.h"

namespace flotilla::security {

// What both sides share after the encapsulated key went over. Messages are opened in the order
// they were sealed. One thread at a time.
class HpkeContext {
 public:
  HpkeContext(HpkeContext&&) = default;
  HpkeContext& operator=(HpkeContext&&) = default;
  HpkeContext(const HpkeContext&) = delete;
  HpkeContext& operator=(const HpkeContext&) = delete;

  // Bytes that only the two sides can compute, for another use of the agreement.
  // INVALID_ARGUMENT: more than 8,160.
  StatusOr<SecretBytes> Export(ByteView exporter_context, std::size_t length) const;
  std::uint64_t sequence_number() const { return sequence_number_; }

 protected:
  explicit HpkeContext(HpkeKeys keys) : keys_(std::move(keys)) {}
  ~HpkeContext() = default;
  const HpkeKeys& keys() const { return keys_; }
  // RESOURCE_EXHAUSTED: 2^64 - 1 messages went through this context.
  Status CheckSequence() const;
  void Advance() { ++sequence_number_; }

 private:
  HpkeKeys keys_;
  std::uint64_t sequence_number_ = 0;
};

class HpkeSender final : public HpkeContext {
 public:
  // SetupBaseS. The ephemeral pair is GenerateHpkeKeyPair(random): 32 bytes are taken from it.
  // INVALID_ARGUMENT: the receiver's key is not 32 bytes or a point of small order.
  static StatusOr<HpkeSender> Start(ByteView receiver_public_key, ByteView info, Random& random);

  // To be sent to the receiver.
  const X25519PublicKey& enc() const { return enc_; }
  // The plaintext sealed, 16 bytes longer than it. RESOURCE_EXHAUSTED as above.
  StatusOr<Bytes> Seal(ByteView aad, ByteView plaintext);

 private:
  HpkeSender(HpkeKeys keys, const X25519PublicKey& enc) : HpkeContext(std::move(keys)), enc_(enc) {}

  X25519PublicKey enc_;
};

class HpkeReceiver final : public HpkeContext {
 public:
  // SetupBaseR. INVALID_ARGUMENT: `enc` is not 32 bytes or a point of small order.
  static StatusOr<HpkeReceiver> Start(ByteView enc, const HpkeKeyPair& receiver, ByteView info);

  // The plaintext; the caller wipes it when it is secret. INVALID_ARGUMENT: shorter than a tag;
  // UNAUTHENTICATED: not the next message of this context with this `aad`, and the context still
  // waits for that.
  StatusOr<Bytes> Open(ByteView aad, ByteView ciphertext);

 private:
  using HpkeContext::HpkeContext;
};

struct HpkeSealed {
  X25519PublicKey enc{};
  Bytes ciphertext;
};

// Single-shot SealBase and OpenBase of section 6.1. Errors as above. Thread-safe.
StatusOr<HpkeSealed> HpkeSeal(ByteView receiver_public_key, ByteView info, ByteView aad,
                              ByteView plaintext, Random& random);
StatusOr<Bytes> HpkeOpen(ByteView enc, const HpkeKeyPair& receiver, ByteView info, ByteView aad,
                         ByteView ciphertext);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_HPKE_H_
