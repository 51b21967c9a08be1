#include "telemetry/vdaf/xof.h"

namespace flotilla::vdaf {
namespace {

constexpr std::uint8_t kDomain = 1;

}  // namespace

Xof::Xof(ByteView seed, ByteView tag, std::initializer_list<ByteView> binder) : stream_(kDomain) {
  const std::array<std::uint8_t, 2> tag_size = {static_cast<std::uint8_t>(tag.size() & 0xFF),
                                                static_cast<std::uint8_t>(tag.size() >> 8)};
  const auto seed_size = static_cast<std::uint8_t>(seed.size());
  stream_.Absorb(tag_size);
  stream_.Absorb(tag);
  stream_.Absorb(ByteView(&seed_size, 1));
  stream_.Absorb(seed);
  for (const ByteView part : binder) stream_.Absorb(part);
}

Seed Xof::DeriveSeed(ByteView seed, ByteView tag, std::initializer_list<ByteView> binder) {
  Seed derived{};
  Xof(seed, tag, binder).Next(derived);
  return derived;
}

}  // namespace flotilla::vdaf
