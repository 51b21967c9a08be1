#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(TokenBucket, StartsFullAndGivesNoMoreThanItHas) {
  TokenBucket bucket(2, 5);
  EXPECT_TRUE(bucket.TryTake(absl::ZeroDuration(), 5));
  EXPECT_FALSE(bucket.TryTake(absl::ZeroDuration(), 1));
}

TEST(TokenBucket, RefillsAtItsRateUpToItsBurst) {
  TokenBucket bucket(2, 5);
  ASSERT_TRUE(bucket.TryTake(absl::ZeroDuration(), 5));
  EXPECT_FALSE(bucket.TryTake(absl::Milliseconds(400), 1));
  EXPECT_TRUE(bucket.TryTake(absl::Milliseconds(500), 1));
  EXPECT_TRUE(bucket.TryTake(absl::Hours(1), 5));
  EXPECT_FALSE(bucket.TryTake(absl::Hours(1), 1));
}

TEST(TokenBucket, TellsHowLongToWait) {
  TokenBucket bucket(2, 5);
  ASSERT_TRUE(bucket.TryTake(absl::ZeroDuration(), 5));
  EXPECT_EQ(bucket.TimeUntil(absl::ZeroDuration(), 3), absl::Milliseconds(1500));
  EXPECT_EQ(bucket.TimeUntil(absl::Seconds(2), 3), absl::ZeroDuration());
}

TEST(TokenBucket, WaitsForEverWithoutARate) {
  TokenBucket bucket(0, 1);
  ASSERT_TRUE(bucket.TryTake(absl::ZeroDuration(), 1));
  EXPECT_EQ(bucket.TimeUntil(absl::Hours(1), 1), absl::InfiniteDuration());
}

TEST(TokenBucket, IgnoresAClockThatWentBack) {
  TokenBucket bucket(1, 2);
  ASSERT_TRUE(bucket.TryTake(absl::Seconds(10), 2));
  EXPECT_FALSE(bucket.TryTake(absl::Seconds(5), 1));
  EXPECT_TRUE(bucket.TryTake(absl::Seconds(11), 1));
}

}  // namespace
}  // namespace flotilla
