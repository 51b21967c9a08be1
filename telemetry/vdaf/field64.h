// Field64 of draft-irtf-cfrg-vdaf-18 section 6.1.2: the integers modulo p = 2^64 - 2^32 + 1.
#ifndef FLOTILLA_TELEMETRY_VDAF_FIELD64_H_
#define FLOTILLA_TELEMETRY_VDAF_FIELD64_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "telemetry/vdaf/constant_time.h"
#include "telemetry/vdaf/uint128.h"

namespace flotilla::vdaf {

// A value below p. Every operation but Decode and ToSigned takes the same time for all values.
class Field64 {
 public:
  static constexpr std::uint64_t kModulus = 0xFFFFFFFF00000001;
  static constexpr std::size_t kEncodedSize = 8;  // bytes
  static constexpr unsigned kTwoAdicity = 32;     // 2^32 divides p - 1

  // Zero.
  constexpr Field64() = default;
  // `value` modulo p.
  static constexpr Field64 FromUint(std::uint64_t value) { return Field64(Reduce(value)); }
  // An element of order 2^32: 7^((p - 1) / 2^32).
  static constexpr Field64 RootGenerator() { return FromUint(1753635133440165772); }

  // Little-endian. Nothing for an encoding that is p or more.
  static constexpr std::optional<Field64> Decode(std::span<const std::uint8_t, 8> bytes) {
    const std::uint64_t value = LoadWord(bytes.data());
    if (value >= kModulus) return std::nullopt;
    return Field64(value);
  }
  constexpr void Encode(std::span<std::uint8_t, 8> bytes) const { StoreWord(value_, bytes.data()); }

  // `yes` where `mask` has all bits, `no` where it has none.
  static constexpr Field64 Select(std::uint64_t mask, Field64 yes, Field64 no) {
    return Field64(Choose(mask, yes.value_, no.value_));
  }

  // The value as a number between -p/2 and p/2; nothing when 64 bits do not hold it.
  constexpr std::optional<std::int64_t> ToSigned() const {
    if (value_ <= kModulus / 2) return static_cast<std::int64_t>(value_);
    return -static_cast<std::int64_t>(kModulus - value_);
  }

  friend constexpr Field64 operator+(Field64 a, Field64 b) {
    const Uint128 sum = static_cast<Uint128>(a.value_) + b.value_ - kModulus;
    return Field64(Low(sum) + (Opaque(High(sum)) & kModulus));
  }
  friend constexpr Field64 operator-(Field64 a, Field64 b) {
    const Uint128 difference = static_cast<Uint128>(a.value_) - b.value_;
    return Field64(Low(difference) + (Opaque(High(difference)) & kModulus));
  }
  friend constexpr Field64 operator*(Field64 a, Field64 b) {
    return Field64(ReduceProduct(Multiply(a.value_, b.value_)));
  }
  constexpr Field64& operator+=(Field64 other) { return *this = *this + other; }
  constexpr Field64& operator-=(Field64 other) { return *this = *this - other; }
  constexpr Field64& operator*=(Field64 other) { return *this = *this * other; }
  friend constexpr bool operator==(Field64 a, Field64 b) {
    return MaskIfZero(a.value_ ^ b.value_) != 0;
  }

 private:
  static constexpr std::uint64_t kEpsilon = 0xFFFFFFFF;  // 2^64 - p

  constexpr explicit Field64(std::uint64_t value) : value_(value) {}

  // `value`, of any size, less p once where that is not negative.
  static constexpr std::uint64_t Reduce(std::uint64_t value) {
    const Uint128 less = static_cast<Uint128>(value) - kModulus;
    return Low(less) + (Opaque(High(less)) & kModulus);
  }

  // 2^64 is congruent to 2^32 - 1 and 2^96 to -1.
  static constexpr std::uint64_t ReduceProduct(Uint128 product) {
    const std::uint64_t top = High(product) >> 32;
    const std::uint64_t middle = High(product) & kEpsilon;
    const Uint128 less = static_cast<Uint128>(Low(product)) - top;
    const std::uint64_t low = Low(less) - (Opaque(High(less)) & kEpsilon);
    const Uint128 sum = low + Multiply(middle, kEpsilon);
    return Reduce(Low(sum) + (MaskOfBit(High(sum)) & kEpsilon));
  }

  std::uint64_t value_ = 0;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_FIELD64_H_
