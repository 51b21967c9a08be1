// XofTurboShake128 of draft-irtf-cfrg-vdaf-18 section 6.2.1: what all randomness of Prio3 is
// expanded with.
#ifndef FLOTILLA_TELEMETRY_VDAF_XOF_H_
#define FLOTILLA_TELEMETRY_VDAF_XOF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "telemetry/vdaf/turbo_shake128.h"

namespace flotilla::vdaf {

using Seed = std::array<std::uint8_t, 32>;

// One stream of bytes for one (seed, domain tag, binder). One thread at a time.
class Xof {
 public:
  static constexpr std::size_t kMaxSeedSize = 255;
  static constexpr std::size_t kMaxTagSize = 65535;

  // `seed` and `tag` are no longer than the limits above, which callers check where the size is not
  // theirs to choose. The binder is the concatenation of its parts.
  Xof(ByteView seed, ByteView tag, std::initializer_list<ByteView> binder);

  void Next(std::span<std::uint8_t> out) { stream_.Squeeze(out); }

  // `count` uniform elements by rejection. How many candidates were dropped shows in the time; it
  // says nothing about those that were taken.
  template <typename Field>
  std::vector<Field> NextVector(std::size_t count) {
    std::vector<Field> vector;
    vector.reserve(count);
    std::array<std::uint8_t, Field::kEncodedSize> candidate{};
    while (vector.size() < count) {
      Next(candidate);
      const std::optional<Field> element = Field::Decode(candidate);
      if (element.has_value()) vector.push_back(*element);
    }
    return vector;
  }

  // The first 32 bytes.
  static Seed DeriveSeed(ByteView seed, ByteView tag, std::initializer_list<ByteView> binder);

 private:
  TurboShake128 stream_;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_XOF_H_
