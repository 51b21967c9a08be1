#include "telemetry/vdaf/turbo_shake128.h"

#include <algorithm>

#include "telemetry/vdaf/uint128.h"

namespace flotilla::vdaf {

void TurboShake128::XorIntoBlock(ByteView bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    std::uint64_t& lane = state_[position_ / 8];
    if (position_ % 8 == 0 && bytes.size() - i >= 8) {
      lane ^= LoadWord(bytes.data() + i);
      position_ += 8;
      i += 8;
    } else {
      lane ^= static_cast<std::uint64_t>(bytes[i]) << (8 * (position_ % 8));
      ++position_;
      ++i;
    }
  }
}

void TurboShake128::Absorb(ByteView bytes) {
  while (!bytes.empty()) {
    if (position_ == kRate) {
      PermuteKeccakP12(state_);
      position_ = 0;
    }
    const std::size_t size = std::min(bytes.size(), kRate - position_);
    XorIntoBlock(bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

void TurboShake128::FinishAbsorbing() {
  Absorb(ByteView(&domain_, 1));
  state_[kRate / 8 - 1] ^= std::uint64_t{0x80} << 56;
  position_ = kRate;
  squeezing_ = true;
}

void TurboShake128::Squeeze(std::span<std::uint8_t> out) {
  if (!squeezing_) FinishAbsorbing();
  std::size_t i = 0;
  while (i < out.size()) {
    if (position_ == kRate) {
      PermuteKeccakP12(state_);
      position_ = 0;
    }
    const std::uint64_t lane = state_[position_ / 8];
    if (position_ % 8 == 0 && out.size() - i >= 8) {
      StoreWord(lane, out.data() + i);
      position_ += 8;
      i += 8;
    } else {
      out[i] = static_cast<std::uint8_t>(lane >> (8 * (position_ % 8)));
      ++position_;
      ++i;
    }
  }
}

}  // namespace flotilla::vdaf
