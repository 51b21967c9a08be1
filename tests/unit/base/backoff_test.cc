#include "base/backoff.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla {
namespace {

const BackoffOptions kOptions{absl::Seconds(1), absl::Seconds(10)};

TEST(Backoff, KeepsTheNthDelayUnderItsDoublingCeiling) {
  SeededRandom random(1);
  for (int round = 0; round < 200; ++round) {
    Backoff backoff(kOptions, random);
    EXPECT_LE(backoff.Next(), absl::Seconds(1));
    EXPECT_LE(backoff.Next(), absl::Seconds(2));
    EXPECT_LE(backoff.Next(), absl::Seconds(4));
    EXPECT_LE(backoff.Next(), absl::Seconds(8));
    EXPECT_LE(backoff.Next(), absl::Seconds(10));
    EXPECT_LE(backoff.Next(), absl::Seconds(10));
  }
}

TEST(Backoff, SpreadsDelaysOverTheWholeRange) {
  SeededRandom random(2);
  Duration least = absl::InfiniteDuration();
  Duration most = absl::ZeroDuration();
  for (int round = 0; round < 500; ++round) {
    Backoff backoff(kOptions, random);
    const Duration delay = backoff.Next();
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, absl::Milliseconds(50));
  EXPECT_GT(most, absl::Milliseconds(950));
}

TEST(Backoff, StartsAnewAfterReset) {
  SeededRandom random(3);
  Backoff backoff(kOptions, random);
  for (int i = 0; i < 10; ++i) {
    backoff.Next();
  }
  for (int i = 0; i < 100; ++i) {
    backoff.Reset();
    EXPECT_LE(backoff.Next(), absl::Seconds(1));
  }
}

}  // namespace
}  // namespace flotilla
