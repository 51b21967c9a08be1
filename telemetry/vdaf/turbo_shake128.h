// TurboSHAKE128 of RFC 9861 section 2: an extendable-output function, 12 rounds, rate 168 bytes.
#ifndef FLOTILLA_TELEMETRY_VDAF_TURBO_SHAKE128_H_
#define FLOTILLA_TELEMETRY_VDAF_TURBO_SHAKE128_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "telemetry/vdaf/keccak_p.h"

namespace flotilla::vdaf {

// Absorb any number of pieces, then Squeeze any number of pieces; how they are cut does not matter.
// One thread at a time. Time depends on lengths alone.
class TurboShake128 {
 public:
  static constexpr std::size_t kRate = 168;  // bytes

  // `domain` is between 0x01 and 0x7F.
  explicit TurboShake128(std::uint8_t domain) : domain_(domain) {}

  // Not after the first Squeeze: such bytes would be lost.
  void Absorb(ByteView bytes);
  void Squeeze(std::span<std::uint8_t> out);

 private:
  void FinishAbsorbing();
  // XORs bytes into the state from `position_` on, which leaves them in this block.
  void XorIntoBlock(ByteView bytes);

  KeccakState state_{};
  std::size_t position_ = 0;  // in the block, 0 to kRate
  std::uint8_t domain_;
  bool squeezing_ = false;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_TURBO_SHAKE128_H_
