#include "telemetry/vdaf/prio3_derivation.h"

#include <algorithm>
#include <array>
#include <string>

namespace flotilla::vdaf {
namespace {

constexpr std::uint8_t kVersion = 18;
constexpr std::uint8_t kClass = 0;  // a VDAF
constexpr std::size_t kTagHead = 8;

}  // namespace

Status Prio3Derivation::Check(ByteView context) {
  if (context.size() <= Xof::kMaxTagSize - kTagHead) return OkStatus();
  return InvalidArgument("a VDAF context of " + std::to_string(context.size()) +
                         " bytes is too long");
}

Bytes Prio3Derivation::Tag(Usage usage) const {
  const std::array<std::uint8_t, kTagHead> head = {kVersion,
                                                   kClass,
                                                   static_cast<std::uint8_t>(algorithm_ >> 24),
                                                   static_cast<std::uint8_t>(algorithm_ >> 16),
                                                   static_cast<std::uint8_t>(algorithm_ >> 8),
                                                   static_cast<std::uint8_t>(algorithm_),
                                                   0,
                                                   usage};
  Bytes tag(kTagHead + context_.size());
  std::copy(context_.begin(), context_.end(), std::copy(head.begin(), head.end(), tag.begin()));
  return tag;
}

Seed Prio3Derivation::JointPart(const Seed& blind, std::uint8_t aggregator, const Nonce& nonce,
                                ByteView encoded_share) const {
  return Xof::DeriveSeed(blind, Tag(kJointPart), {ByteView(&aggregator, 1), nonce, encoded_share});
}

Seed Prio3Derivation::JointSeed(ByteView parts) const {
  return Xof::DeriveSeed(Seed{}, Tag(kJointSeed), {parts});
}

}  // namespace flotilla::vdaf
