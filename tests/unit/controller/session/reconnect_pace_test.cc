#include "controller/session/reconnect_pace.h"

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

TEST(ReconnectPace, SpreadsTenThousandOverHalfAMinuteOnTwoCores) {
  EXPECT_EQ(ReconnectSpread(10'000, SafeHandshakeRate(2)), absl::Seconds(75));
  EXPECT_EQ(ReconnectSpread(10'000, SafeHandshakeRate(1)), absl::Seconds(150));
}

TEST(ReconnectPace, SpreadsAFewOverFiveSeconds) {
  EXPECT_EQ(ReconnectSpread(3, SafeHandshakeRate(2)), absl::Seconds(5));
}

TEST(ReconnectPace, ASpreadIsOutdatedOnceItGrewByAQuarterOrFellToHalf) {
  EXPECT_FALSE(IsOutdatedSpread(absl::Seconds(20), absl::Seconds(20)));
  EXPECT_FALSE(IsOutdatedSpread(absl::Seconds(20), absl::Seconds(24)));
  EXPECT_TRUE(IsOutdatedSpread(absl::Seconds(20), absl::Seconds(25)));
  EXPECT_FALSE(IsOutdatedSpread(absl::Seconds(20), absl::Seconds(11)));
  EXPECT_TRUE(IsOutdatedSpread(absl::Seconds(20), absl::Seconds(10)));
}

TEST(ReconnectPace, ADrainTakesWhatItsSessionsNeedAndNoLongerThanItsLimit) {
  EXPECT_EQ(DrainWindow(10'000, SafeHandshakeRate(2), absl::Minutes(2)), absl::Seconds(75));
  EXPECT_EQ(DrainWindow(10'000, SafeHandshakeRate(2), absl::Seconds(7)), absl::Seconds(7));
  EXPECT_EQ(DrainWindow(0, SafeHandshakeRate(2), absl::Seconds(7)), absl::ZeroDuration());
}

TEST(ReconnectPace, ClosesEvenlyOverTheWindow) {
  const Duration window = absl::Seconds(10);
  EXPECT_EQ(ClosedBy(1000, absl::ZeroDuration(), window), 0U);
  EXPECT_EQ(ClosedBy(1000, absl::Seconds(1), window), 100U);
  EXPECT_EQ(ClosedBy(1000, absl::Seconds(9), window), 900U);
  EXPECT_EQ(ClosedBy(1000, window, window), 1000U);
  EXPECT_EQ(ClosedBy(1000, absl::ZeroDuration(), absl::ZeroDuration()), 1000U);
}

}  // namespace
}  // namespace flotilla::controller
