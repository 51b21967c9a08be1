#include "base/time.h"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(UtcText, RoundTripsWholeSeconds) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2024-02-29T12:00:00Z", "2026-12-31T23:59:59Z"}) {
    const auto time = ParseUtcText(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(UtcText(*time), text);
  }
}

TEST(UtcText, AcceptsOnlyTheOneForm) {
  for (const char* text :
       {"", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:00:00.5Z", "2026-1-1T00:00:00Z", "2026-01-01 00:00:00Z",
        "2026-01-01t00:00:00z", " 2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z"}) {
    EXPECT_EQ(ParseUtcText(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(DurationText, ReadsUnitsAndSums) {
  EXPECT_EQ(*ParseDurationText("90s"), absl::Seconds(90));
  EXPECT_EQ(*ParseDurationText("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDurationText("3d"), absl::Hours(72));
  EXPECT_EQ(*ParseDurationText("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseDurationText("0s"), absl::ZeroDuration());
}

TEST(DurationText, RefusesWhatHasNoUnitOrASign) {
  for (const char* text :
       {"", "30", "m", "-5m", "+5m", "1.5h", "5 m", "5M", "5w", "99999999999999999999s"}) {
    EXPECT_EQ(ParseDurationText(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

TEST(DurationText, WritesTheShortestFormThatReadsBack) {
  for (const char* text : {"0s", "6h", "1h30m", "250ms", "3d", "1d1ms"}) {
    EXPECT_EQ(DurationText(*ParseDurationText(text)), text);
  }
  EXPECT_EQ(DurationText(absl::Seconds(5400)), "1h30m");
}

TEST(UnixMillis, RoundTrips) {
  EXPECT_EQ(UnixMillis(FromUnixMillis(1'769'903'999'123)), 1'769'903'999'123);
}

}  // namespace
}  // namespace flotilla
