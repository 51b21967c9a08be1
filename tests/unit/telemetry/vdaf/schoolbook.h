// Slow and obvious arithmetic modulo a field's prime, to compare the fast one with.
#ifndef FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_SCHOOLBOOK_H_
#define FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_SCHOOLBOOK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "telemetry/vdaf/uint128.h"
#include "tests/support/seeded_random.h"

namespace flotilla::vdaf {

template <typename Field>
inline constexpr Uint128 kPrime = Field::kModulus;

// A number as a field's encoding; it need not be below the prime.
template <typename Field>
std::array<std::uint8_t, Field::kEncodedSize> Encoding(Uint128 number) {
  std::array<std::uint8_t, Field::kEncodedSize> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return bytes;
}
template <typename Field>
Field Element(Uint128 number) {
  return *Field::Decode(Encoding<Field>(number));
}
template <typename Field>
Uint128 Number(Field element) {
  std::array<std::uint8_t, Field::kEncodedSize> bytes{};
  element.Encode(bytes);
  Uint128 number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

template <typename Field>
Uint128 AddSlowly(Uint128 a, Uint128 b) {
  return b == 0 ? a : (a >= kPrime<Field> - b ? a - (kPrime<Field> - b) : a + b);
}
// Doubling and adding, bit by bit.
template <typename Field>
Uint128 MultiplySlowly(Uint128 a, Uint128 b) {
  Uint128 product = 0;
  for (int bit = 127; bit >= 0; --bit) {
    product = AddSlowly<Field>(product, product);
    if ((b >> bit & 1) != 0) product = AddSlowly<Field>(product, a);
  }
  return product;
}

// Both ends of the field, and the places where words, carries and reductions turn.
template <typename Field>
std::vector<Uint128> Edges() {
  const Uint128 p = kPrime<Field>;
  std::vector<Uint128> edges = {0, 1, 2, p - 1, p - 2, p / 2, p / 2 + 1};
  for (const unsigned bit : {31U, 32U, 33U, 63U, 64U, 65U, 66U, 68U, 96U, 127U}) {
    const Uint128 power = static_cast<Uint128>(1) << bit;
    for (const Uint128 number : {power - 1, power, power + 1, p - power, 0 - power}) {
      if (number < p) edges.push_back(number);
    }
  }
  return edges;
}

// Uniform enough for a test.
template <typename Field>
Field RandomElement(Random& random) {
  std::array<std::uint8_t, Field::kEncodedSize> bytes{};
  std::optional<Field> element;
  while (!element.has_value()) {
    random.Fill(bytes);
    element = Field::Decode(bytes);
  }
  return *element;
}
template <typename Field>
std::vector<Field> RandomElements(Random& random, std::size_t count) {
  std::vector<Field> elements(count);
  for (Field& element : elements) element = RandomElement<Field>(random);
  return elements;
}

// The value of a polynomial, given by its coefficients, at x.
template <typename Field>
Field Evaluate(std::span<const Field> coefficients, Field x) {
  Field value;
  for (std::size_t i = coefficients.size(); i-- > 0;) value = value * x + coefficients[i];
  return value;
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TESTS_UNIT_TELEMETRY_VDAF_SCHOOLBOOK_H_
