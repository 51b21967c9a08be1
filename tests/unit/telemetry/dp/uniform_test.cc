#include "telemetry/dp/uniform.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "telemetry/dp/ratio.h"
#include "tests/support/seeded_random.h"
#include "tests/unit/telemetry/dp/byte_script.h"

namespace flotilla::dp {
namespace {

BigInt Draw(const BigInt& below, const Bytes& bytes, std::size_t used) {
  ByteScript script(bytes);
  BigInt value = UniformBelow(below, script);
  EXPECT_EQ(script.used(), used) << below;
  return value;
}

TEST(ExactUniform, TakesLittleEndianWordsAndTheUpperBitsOfTheLast) {
  EXPECT_EQ(Draw(5, {0, 0, 0, 0x80}, 4), 4);                      // 3 bits: 100
  EXPECT_EQ(Draw(257, {1, 2, 3, 0x7f}, 4), 0x7f * 2);             // 9 bits: 0 1111 1110
  EXPECT_EQ(Draw(0xffffffff, {1, 2, 3, 4}, 4), 0x04030201);       // 32 bits, nothing dropped
  EXPECT_EQ(Draw(BigInt(1) << 32, {1, 2, 3, 4}, 8), 0x04030201);  // 33 bits
  const BigInt large = (BigInt(1) << 70) - 1;
  const Bytes words = {1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x0c};  // the last: 6 bits, 000011
  EXPECT_EQ(Draw(large, words, 12), BigInt(1) + (BigInt(2) << 32) + (BigInt(3) << 64));
}

TEST(ExactUniform, DropsWhatIsNotBelow) {
  EXPECT_EQ(Draw(5, {0, 0, 0, 0xa0, 0, 0, 0, 0xe0, 0, 0, 0, 0x20}, 12), 1);  // 5, 7, then 1
  EXPECT_EQ(Draw(1, {0, 0, 0, 0x80, 0, 0, 0, 0x7f}, 8), 0);  // words are drawn for 1, too
}

TEST(ExactUniform, GivesEveryValueOfASmallRangeForEquallyManyWords) {
  std::array<int, 5> counts{};
  for (unsigned top = 0; top < 5; ++top) {  // 5 to 7 are dropped
    const Bytes word = {0, 0, 0, static_cast<std::uint8_t>(top << 5U)};
    ++counts.at(static_cast<std::size_t>(Draw(5, word, 4)));
  }
  for (const int count : counts) {
    EXPECT_EQ(count, 1);
  }
}

TEST(ExactUniform, SpreadsOverRangesOfMoreThan64Bits) {
  SeededRandom random(3);
  const BigInt below("9999999999999999999999");
  std::array<int, 8> counts{};
  for (int i = 0; i < 8000; ++i) {
    const BigInt value = UniformBelow(below, random);
    ASSERT_LT(value, below);
    ++counts.at(static_cast<std::size_t>(value * 8 / below));
  }
  double chi_square = 0;
  for (const int count : counts) {
    chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  }
  EXPECT_LT(chi_square, 29.9);  // 7 degrees of freedom: exceeded by one seed in 10,000
}

TEST(Ratio, IsInLowestTermsAndNeverNegative) {
  const Ratio ratio = Ratio::Create(6, 4).value();
  EXPECT_EQ(ratio.numerator(), 3);
  EXPECT_EQ(ratio.denominator(), 2);
  EXPECT_EQ(ratio.Floor(), 1);
  EXPECT_EQ(Ratio::Create(0, 7).value().denominator(), 1);
  EXPECT_FALSE(Ratio::Create(-1, 2).ok());
  EXPECT_FALSE(Ratio::Create(1, 0).ok());
  EXPECT_FALSE(Ratio::Create(1, -2).ok());
}

}  // namespace
}  // namespace flotilla::dp
