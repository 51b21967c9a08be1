// Field128 of draft-irtf-cfrg-vdaf-18 section 6.1.2: the integers modulo p = 2^128 - 7 * 2^66 + 1.
#ifndef FLOTILLA_TELEMETRY_VDAF_FIELD128_H_
#define FLOTILLA_TELEMETRY_VDAF_FIELD128_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "telemetry/vdaf/constant_time.h"
#include "telemetry/vdaf/uint128.h"

namespace flotilla::vdaf {

// A value below p, kept in Montgomery form (times 2^128 modulo p). Every operation but Decode and
// ToSigned takes the same time for all values.
class Field128 {
 public:
  static constexpr Uint128 kModulus = Join(0xFFFFFFFFFFFFFFE4, 1);
  static constexpr std::size_t kEncodedSize = 16;  // bytes
  static constexpr unsigned kTwoAdicity = 66;      // 2^66 divides p - 1

  // Zero.
  constexpr Field128() = default;
  // `value`, which is below p as every 64-bit number is.
  static constexpr Field128 FromUint(std::uint64_t value) { return FromNumber(value); }
  // An element of order 2^66: 7^((p - 1) / 2^66).
  static constexpr Field128 RootGenerator() {
    return FromNumber(Join(0x6D278FBF4F60228B, 0x1F9B2759C5109F06));
  }

  // Little-endian. Nothing for an encoding that is p or more.
  static constexpr std::optional<Field128> Decode(std::span<const std::uint8_t, 16> bytes) {
    const Uint128 number = Join(LoadWord(bytes.data() + 8), LoadWord(bytes.data()));
    if (number >= kModulus) return std::nullopt;
    return FromNumber(number);
  }
  constexpr void Encode(std::span<std::uint8_t, 16> bytes) const {
    const Uint128 number = ToNumber();
    StoreWord(Low(number), bytes.data());
    StoreWord(High(number), bytes.data() + 8);
  }

  // `yes` where `mask` has all bits, `no` where it has none.
  static constexpr Field128 Select(std::uint64_t mask, Field128 yes, Field128 no) {
    return Field128(SelectNumber(mask, yes.value_, no.value_));
  }

  // The value as a number between -p/2 and p/2; nothing when 64 bits do not hold it.
  constexpr std::optional<std::int64_t> ToSigned() const {
    constexpr Uint128 kLimit = std::numeric_limits<std::int64_t>::max();
    const Uint128 number = ToNumber();
    if (number <= kLimit) return static_cast<std::int64_t>(number);
    if (kModulus - number <= kLimit) return -static_cast<std::int64_t>(kModulus - number);
    return std::nullopt;
  }

  friend constexpr Field128 operator+(Field128 a, Field128 b) {
    const Uint128 sum = a.value_ + b.value_;
    return Field128(Reduce(IsLess(sum, a.value_), sum));
  }
  friend constexpr Field128 operator-(Field128 a, Field128 b) {
    const std::uint64_t mask = MaskOfBit(IsLess(a.value_, b.value_));
    return Field128(a.value_ - b.value_ + (kModulus & Join(mask, mask)));
  }
  friend constexpr Field128 operator*(Field128 a, Field128 b) {
    return Field128(MontgomeryProduct(a.value_, b.value_));
  }
  constexpr Field128& operator+=(Field128 other) { return *this = *this + other; }
  constexpr Field128& operator-=(Field128 other) { return *this = *this - other; }
  constexpr Field128& operator*=(Field128 other) { return *this = *this * other; }
  friend constexpr bool operator==(Field128 a, Field128 b) {
    const Uint128 difference = a.value_ ^ b.value_;
    return MaskIfZero(Low(difference) | High(difference)) != 0;
  }

 private:
  constexpr explicit Field128(Uint128 value) : value_(value) {}

  static constexpr Uint128 SelectNumber(std::uint64_t mask, Uint128 yes, Uint128 no) {
    return no ^ (Join(mask, mask) & (yes ^ no));
  }

  // carry * 2^128 + value, which is below 2p, modulo p.
  static constexpr Uint128 Reduce(std::uint64_t carry, Uint128 value) {
    const std::uint64_t at_least = carry | (IsLess(value, kModulus) ^ 1);
    return SelectNumber(MaskOfBit(at_least), value - kModulus, value);
  }

  // (accumulator + factor * b) / 2^64 modulo p, up to one p too much. The low word of p is 1, so
  // that of the multiple of p that clears the low word is its negative.
  struct Accumulator {
    Uint128 value = 0;
    std::uint64_t carry = 0;
  };
  static constexpr Accumulator Step(Accumulator sum, std::uint64_t factor, Uint128 b) {
    const Uint128 first = Multiply(factor, Low(b)) + Low(sum.value);
    const Uint128 second = Multiply(factor, High(b)) + High(first) + High(sum.value);
    const std::uint64_t multiple = 0 - Low(first);
    const std::uint64_t carry = (Low(first) | multiple) >> 63;
    const Uint128 cleared = Multiply(multiple, High(kModulus)) + Low(second) + carry;
    // High(second) + sum.carry stays below 2^64: the whole sum is below (2^64 + 1) * p < 2^192.
    const Uint128 top = static_cast<Uint128>(High(second) + sum.carry) + High(cleared);
    return {Join(Low(top), Low(cleared)), High(top)};
  }
  // a * b / 2^128 modulo p.
  static constexpr Uint128 MontgomeryProduct(Uint128 a, Uint128 b) {
    const Accumulator product = Step(Step({}, Low(a), b), High(a), b);
    return Reduce(product.carry, product.value);
  }

  // 2^256 modulo p: 2^128 modulo p, doubled 128 times.
  static constexpr Uint128 SquareOfRadix() {
    Uint128 power = 0 - kModulus;
    for (int i = 0; i < 128; ++i)
      power = Reduce(static_cast<std::uint64_t>(power >> 127), power * 2);
    return power;
  }
  static constexpr Field128 FromNumber(Uint128 number) {
    constexpr Uint128 kSquareOfRadix = SquareOfRadix();
    return Field128(MontgomeryProduct(number, kSquareOfRadix));
  }
  constexpr Uint128 ToNumber() const { return MontgomeryProduct(value_, 1); }

  Uint128 value_ = 0;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_FIELD128_H_
