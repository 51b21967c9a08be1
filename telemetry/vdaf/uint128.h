// 128-bit integers, which g++ and clang have and the standard has not, and little-endian words.
#ifndef FLOTILLA_TELEMETRY_VDAF_UINT128_H_
#define FLOTILLA_TELEMETRY_VDAF_UINT128_H_

#include <cstddef>
#include <cstdint>

namespace flotilla::vdaf {

__extension__ typedef unsigned __int128 Uint128;

constexpr std::uint64_t Low(Uint128 value) {
  return static_cast<std::uint64_t>(value);
}
constexpr std::uint64_t High(Uint128 value) {
  return static_cast<std::uint64_t>(value >> 64);
}
constexpr Uint128 Join(std::uint64_t high, std::uint64_t low) {
  return (static_cast<Uint128>(high) << 64) | low;
}
// The whole product; one instruction on 64-bit machines.
constexpr Uint128 Multiply(std::uint64_t a, std::uint64_t b) {
  return static_cast<Uint128>(a) * b;
}

// 1 where a < b, else 0, without a comparison that could become a branch: the borrow of a - b.
constexpr std::uint64_t IsLess(Uint128 a, Uint128 b) {
  return static_cast<std::uint64_t>(((~a & b) | ((~a | b) & (a - b))) >> 127);
}

// Eight bytes, little-endian. The compiler makes one load or store of it.
constexpr std::uint64_t LoadWord(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return word;
}
constexpr void StoreWord(std::uint64_t word, std::uint8_t* bytes) {
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_UINT128_H_
