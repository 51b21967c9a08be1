#include "base/retry_after.h"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(RetryAfter, TravelsAsATrailerOfMilliseconds) {
  const Status sent = WithRetryAfter(Unavailable("later"), absl::Seconds(1.5));
  EXPECT_EQ(RetryAfterTrailerValue(sent), "1500");
  const Status heard = WithRetryAfterTrailer(Unavailable("later"), "1500");
  EXPECT_EQ(RetryAfterOf(heard), absl::Milliseconds(1500));
}

TEST(RetryAfter, IsAbsentUnlessItWasAskedFor) {
  EXPECT_FALSE(RetryAfterOf(Unavailable("later")).has_value());
  EXPECT_EQ(RetryAfterTrailerValue(Unavailable("later")), "");
  EXPECT_TRUE(WithRetryAfter(OkStatus(), absl::Seconds(1)).ok());
}

TEST(RetryAfter, TheFirstOneStays) {
  const Status first = WithRetryAfter(Unavailable("later"), absl::Seconds(1));
  EXPECT_EQ(RetryAfterOf(WithRetryAfter(first, absl::Seconds(9))), absl::Seconds(1));
}

TEST(RetryAfter, NobodyIsBelievedToAskForMoreThanFiveMinutes) {
  EXPECT_EQ(RetryAfterOf(WithRetryAfterTrailer(Unavailable("no"), "18446744073709551615")),
            kMostRetryAfter);
  EXPECT_EQ(RetryAfterOf(WithRetryAfter(Unavailable("no"), absl::InfiniteDuration())),
            kMostRetryAfter);
  EXPECT_EQ(RetryAfterOf(WithRetryAfter(Unavailable("no"), absl::Seconds(-3))),
            absl::ZeroDuration());
}

TEST(RetryAfter, PassesOverWhatIsNoNumber) {
  for (const char* value :
       {"", "-1", "12x", " 12", "1e9", "184467440737095516160", "\x01\x02", "0x10"}) {
    EXPECT_FALSE(RetryAfterOf(WithRetryAfterTrailer(Unavailable("no"), value)).has_value())
        << value;
  }
}

}  // namespace
}  // namespace flotilla
