// Arithmetic whose running time and memory addresses do not depend on what is computed: secrets
// become masks (all bits set or none), never branches or indices.
#ifndef FLOTILLA_TELEMETRY_VDAF_CONSTANT_TIME_H_
#define FLOTILLA_TELEMETRY_VDAF_CONSTANT_TIME_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/bytes.h"

namespace flotilla::vdaf {

// The same value, of which the compiler knows nothing: it cannot turn a mask back into a branch.
constexpr std::uint64_t Opaque(std::uint64_t value) {
  if (!std::is_constant_evaluated()) {
    __asm__("" : "+r"(value));  // NOLINT(hicpp-no-assembler): the only barrier of this kind
  }
  return value;
}

// All bits set when `bit` is 1, none when it is 0. Another value is a bug of the caller.
constexpr std::uint64_t MaskOfBit(std::uint64_t bit) {
  return 0 - Opaque(bit);
}

// All bits set when `value` is 0, none otherwise.
constexpr std::uint64_t MaskIfZero(std::uint64_t value) {
  return MaskOfBit(((value | (0 - value)) >> 63) ^ 1);
}

// `yes` where `mask` has all bits, `no` where it has none.
constexpr std::uint64_t Choose(std::uint64_t mask, std::uint64_t yes, std::uint64_t no) {
  return no ^ (mask & (yes ^ no));
}

// Whether two byte strings are the same. Their lengths are no secret, their content is.
inline bool SameBytes(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<std::uint64_t>(a[i] ^ b[i]);
  }
  return MaskIfZero(difference) != 0;
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_CONSTANT_TIME_H_
