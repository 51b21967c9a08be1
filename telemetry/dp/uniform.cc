#include "telemetry/dp/uniform.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace flotilla::dp {
namespace {

constexpr unsigned kWordBits = 32;

std::uint32_t NextWord(Random& random) {
  std::array<std::uint8_t, 4> bytes{};
  random.Fill(bytes);
  std::uint32_t word = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    word = word << 8U | bytes.at(i);
  }
  return word;
}

// A candidate of `bits` bits; Integer holds them.
template <typename Integer>
Integer NextCandidate(unsigned bits, Random& random) {
  Integer value = 0;
  for (unsigned done = 0; done < bits; done += kWordBits) {
    std::uint32_t word = NextWord(random);
    if (bits - done < kWordBits) {
      word >>= kWordBits - (bits - done);
    }
    value |= Integer(word) << done;
  }
  return value;
}

template <typename Integer>
Integer Draw(const Integer& below, unsigned bits, Random& random) {
  Integer value = NextCandidate<Integer>(bits, random);
  while (value >= below) {
    value = NextCandidate<Integer>(bits, random);
  }
  return value;
}

}  // namespace

BigInt UniformBelow(const BigInt& below, Random& random) {
  const auto bits = static_cast<unsigned>(boost::multiprecision::msb(below)) + 1;
  if (bits <= 64) {
    return Draw(static_cast<std::uint64_t>(below), bits, random);
  }
  return Draw(below, bits, random);
}

}  // namespace flotilla::dp
