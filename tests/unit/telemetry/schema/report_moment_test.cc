#include "telemetry/schema/report_moment.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>
#include "absl/time/time.h"

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "tests/support/seeded_random.h"

namespace flotilla::schema {
namespace {

constexpr Duration kHour = absl::Hours(1);

TEST(WindowAt, IsHalfOpenAndCountedFromTheEpoch) {
  const Time start = absl::FromUnixSeconds(1'800'000'000);  // a whole hour
  for (const Duration into :
       {absl::ZeroDuration(), absl::Seconds(1), kHour - absl::Nanoseconds(1)}) {
    const auto window = WindowAt(start + into, kHour);
    ASSERT_TRUE(window.ok());
    EXPECT_EQ(window->start, start);
    EXPECT_EQ(window->end, start + kHour);
  }
  const auto next = WindowAt(start + kHour, kHour);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->start, start + kHour);
}

TEST(WindowAt, HoldsBeforeTheEpoch) {
  const auto window = WindowAt(absl::UnixEpoch() - absl::Nanoseconds(1), kHour);
  ASSERT_TRUE(window.ok());
  EXPECT_EQ(window->end, absl::UnixEpoch());
}

TEST(WindowAt, RefusesLengthsAndTimesThatAreNone) {
  const Time now = absl::FromUnixSeconds(1'800'000'000);
  for (const Duration length :
       {absl::ZeroDuration(), -kHour, absl::Milliseconds(500), absl::Milliseconds(1'500),
        absl::InfiniteDuration(), -absl::InfiniteDuration(), absl::Hours(367 * 24)}) {
    EXPECT_EQ(WindowAt(now, length).status().code(), StatusCode::kInvalidArgument) << length;
  }
  for (const Time when : {absl::InfiniteFuture(), absl::InfinitePast()}) {
    EXPECT_EQ(WindowAt(when, kHour).status().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(WindowAt(now, absl::Hours(366 * 24)).ok());
  EXPECT_TRUE(WindowAt(now, absl::Seconds(1)).ok());
}

TEST(ReportMoment, LiesInTheWindowAfterWhateverThePresentMoment) {
  SeededRandom random(2);
  SeededRandom times(3);
  for (int i = 0; i < 2'000; ++i) {
    const Time now = absl::FromUnixMillis(
        static_cast<std::int64_t>(UniformBelow(times, 4'000'000'000'000)) - 1'000'000'000'000);
    for (const Duration length : {absl::Seconds(5), kHour, absl::Hours(24)}) {
      const auto window = WindowAt(now, length);
      const auto moment = ReportMoment(now, length, random);
      ASSERT_TRUE(window.ok() && moment.ok());
      EXPECT_GE(*moment, window->end);
      EXPECT_LT(*moment, window->end + length);
    }
  }
}

TEST(ReportMoment, IsUniformOverTheWindow) {
  SeededRandom random(4);
  constexpr std::size_t kParts = 20;
  constexpr int kDraws = 20'000;
  const Time now = absl::FromUnixSeconds(1'800'000'123);
  const auto window = WindowAt(now, kHour);
  ASSERT_TRUE(window.ok());
  std::array<int, kParts> counts{};
  for (int i = 0; i < kDraws; ++i) {
    const auto moment = ReportMoment(now, kHour, random);
    ASSERT_TRUE(moment.ok());
    const double share = absl::FDivDuration(*moment - window->end, kHour);
    ++counts.at(static_cast<std::size_t>(share * kParts));
  }
  double chi_squared = 0;
  constexpr double kExpected = static_cast<double>(kDraws) / kParts;
  for (const int count : counts) {
    chi_squared += (count - kExpected) * (count - kExpected) / kExpected;
  }
  EXPECT_LT(chi_squared, 43.8);  // 19 degrees of freedom, p = 0.001
}

TEST(ReportMoment, TellsNothingOfWhenInTheWindowItWasDrawn) {
  const Time start = absl::FromUnixSeconds(1'800'000'000);
  SeededRandom early(5);
  SeededRandom late(5);
  for (int i = 0; i < 100; ++i) {
    const auto first = ReportMoment(start, kHour, early);
    const auto last = ReportMoment(start + absl::Minutes(59), kHour, late);
    ASSERT_TRUE(first.ok() && last.ok());
    EXPECT_EQ(*first, *last);
  }
}

TEST(ReportMoment, RefusesAWindowThatIsNone) {
  SeededRandom random(6);
  EXPECT_EQ(ReportMoment(absl::UnixEpoch(), absl::ZeroDuration(), random).status().code(),
            StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::schema
