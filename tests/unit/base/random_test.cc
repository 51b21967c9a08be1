#include "base/random.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "base/os_random.h"
#include "tests/support/seeded_random.h"

namespace flotilla {
namespace {

TEST(UniformBelow, StaysBelowItsBound) {
  SeededRandom random(7);
  for (std::uint64_t below : {1ULL, 2ULL, 3ULL, 1000ULL, (1ULL << 63U) + 1}) {
    for (int i = 0; i < 200; ++i) {
      EXPECT_LT(UniformBelow(random, below), below);
    }
  }
}

TEST(UniformBelow, TakesEveryValueAboutEquallyOften) {
  SeededRandom random(8);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) {
    ++counts[static_cast<std::size_t>(UniformBelow(random, 6))];
  }
  for (const int count : counts) {
    EXPECT_NEAR(count, 1000, 150);
  }
}

TEST(OsRandom, FillsWithOtherBytesEachTime) {
  OsRandom random;
  std::array<std::uint8_t, 32> first{};
  std::array<std::uint8_t, 32> second{};
  random.Fill(first);
  random.Fill(second);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace flotilla
