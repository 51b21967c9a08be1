#include "controller/rollout/window_clock.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/rollout/recurrence.h"
#include "controller/rollout/wire_time.h"

namespace flotilla::rollout {
namespace {

Time At(const std::string& utc) {
  const StatusOr<Time> time = ParseUtcText(utc);
  EXPECT_TRUE(time.ok()) << utc;
  return time.value_or(absl::UnixEpoch());
}

v1::Window MakeWindow(const std::string& rrule, Duration duration, const std::string& zone) {
  v1::Window window;
  window.set_rrule(rrule);
  *window.mutable_duration() = ToWire(duration);
  window.set_zone(zone);
  return window;
}

std::vector<std::string> Openings(const std::string& rule, absl::CivilSecond from,
                                  std::size_t most) {
  std::vector<std::string> text;
  for (const absl::CivilSecond opening : OpeningsFrom(rule, from, most)) {
    text.push_back(absl::FormatCivilTime(opening));
  }
  return text;
}

using Texts = std::vector<std::string>;

TEST(Recurrence, OpensEveryDayAtItsHour) {
  EXPECT_EQ(Openings("FREQ=DAILY;BYHOUR=1", absl::CivilSecond(2026, 11, 23, 9, 0, 0), 2),
            (Texts{"2026-11-24T01:00:00", "2026-11-25T01:00:00"}));
}

TEST(Recurrence, OpensOnDaysOfTheWeekAndOfTheMonth) {
  EXPECT_EQ(Openings("FREQ=WEEKLY;BYDAY=SA,SU;BYHOUR=22", absl::CivilSecond(2026, 11, 23), 3),
            (Texts{"2026-11-28T22:00:00", "2026-11-29T22:00:00", "2026-12-05T22:00:00"}));
  EXPECT_EQ(
      Openings("FREQ=MONTHLY;BYDAY=2TU;BYHOUR=3;BYMINUTE=30", absl::CivilSecond(2026, 11, 23), 2),
      (Texts{"2026-12-08T03:30:00", "2027-01-12T03:30:00"}));
  EXPECT_EQ(Openings("FREQ=MONTHLY;BYMONTHDAY=-1", absl::CivilSecond(2027, 2, 1), 2),
            (Texts{"2027-02-28T00:00:00", "2027-03-31T00:00:00"}));
  EXPECT_EQ(Openings("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=3;BYMINUTE=30,0",
                     absl::CivilSecond(2026, 11, 23), 3),
            (Texts{"2026-11-30T03:00:00", "2026-11-30T03:30:00", "2026-12-31T03:00:00"}));
  EXPECT_EQ(Openings("FREQ=MONTHLY;BYMONTH=12;BYMONTHDAY=24", absl::CivilSecond(2027, 1, 1), 1),
            (Texts{"2027-12-24T00:00:00"}));
}

TEST(Recurrence, CountsAnIntervalFromTheFirstMondayOf2024WhereverItIsAsked) {
  const Texts all = Openings("FREQ=WEEKLY;INTERVAL=2", absl::CivilSecond(2026, 1, 1), 26);
  ASSERT_EQ(all.size(), 26U);
  EXPECT_EQ(all.front(), "2026-01-12T00:00:00");  // 53 times two weeks after 2024-01-01
  for (std::size_t i = 1; i < all.size(); ++i) {
    absl::CivilSecond before;
    ASSERT_TRUE(absl::ParseCivilTime(all[i - 1], &before));
    EXPECT_EQ(Openings("FREQ=WEEKLY;INTERVAL=2", before + 1, 1), Texts{all[i]});
  }
}

TEST(Recurrence, GivesOpeningsInOrderHoweverTheRuleListsThem) {
  EXPECT_EQ(Openings("BYHOUR=22,1,22,10;FREQ=DAILY", absl::CivilSecond(2026, 11, 23, 2, 0, 0), 3),
            (Texts{"2026-11-23T10:00:00", "2026-11-23T22:00:00", "2026-11-24T01:00:00"}));
}

TEST(Recurrence, RefusesWhatAWindowHasNoUseFor) {
  for (const char* rule : {"",
                           "FREQ",
                           "FREQ=SECONDLY",
                           "FREQ=MINUTELY",
                           "FREQ=HOURLY",
                           "BYHOUR=1",
                           "FREQ=DAILY;COUNT=3",
                           "FREQ=DAILY;UNTIL=20300101T000000Z",
                           "FREQ=DAILY;BYSECOND=1",
                           "FREQ=DAILY;RSCALE=HEBREW",
                           "FREQ=DAILY;BYHOUR=24",
                           "FREQ=DAILY;BYHOUR=-1",
                           "FREQ=DAILY;INTERVAL=0",
                           "FREQ=DAILY;INTERVAL=100",
                           "FREQ=DAILY;FREQ=DAILY",
                           "FREQ=DAILY;BYDAY=XX",
                           "FREQ=DAILY;BYHOUR=1,",
                           "freq=daily",
                           "FREQ=DAILY;BYHOUR= 1",
                           "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,30"}) {
    EXPECT_EQ(CheckRecurrence(rule).code(), StatusCode::kInvalidArgument) << rule;
    EXPECT_TRUE(OpeningsFrom(rule, absl::CivilSecond(2026, 1, 1), 1).empty()) << rule;
  }
  EXPECT_FALSE(CheckRecurrence("FREQ=DAILY;BYHOUR=1;" + std::string(300, 'A')).ok());
}

// Expanding them would search for centuries.
TEST(Recurrence, RefusesARuleThatNeverOrHardlyEverOpens) {
  for (const char* rule :
       {"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2",
        "FREQ=MONTHLY;BYMONTH=2;BYDAY=5MO", "FREQ=MONTHLY;INTERVAL=5;BYMONTH=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU", "FREQ=DAILY;BYDAY=2MO", "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYMONTHDAY=32"}) {
    EXPECT_EQ(CheckRecurrence(rule).code(), StatusCode::kInvalidArgument) << rule;
  }
}

TEST(Recurrence, TakesWhatOpensRarelyButSurely) {
  for (const char* rule :
       {"FREQ=MONTHLY;INTERVAL=99;BYMONTHDAY=31", "FREQ=MONTHLY;INTERVAL=12;BYDAY=5FR",
        "FREQ=MONTHLY;BYDAY=-5SU", "FREQ=MONTHLY;BYMONTHDAY=-31", "FREQ=WEEKLY;INTERVAL=99",
        "FREQ=DAILY;INTERVAL=99;BYHOUR=3", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=28,-28",
        "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=8,-8;BYHOUR=1,2"}) {
    EXPECT_TRUE(CheckRecurrence(rule).ok()) << rule;
    EXPECT_EQ(Openings(rule, absl::CivilSecond(2026, 11, 23), 3).size(), 3U) << rule;
  }
}

TEST(WindowClock, IsOpenFromEachOpeningForItsDuration) {
  const v1::Window window = MakeWindow("FREQ=DAILY;BYHOUR=1", absl::Hours(4), "Europe/Vienna");
  const WindowState before = StateAt(window, "", At("2026-11-23T23:59:59Z"));
  EXPECT_FALSE(before.open);
  EXPECT_EQ(UtcText(before.opens_at), "2026-11-24T00:00:00Z");
  EXPECT_EQ(before.changes_at, before.opens_at);
  const WindowState first = StateAt(window, "", At("2026-11-24T00:00:00Z"));
  EXPECT_TRUE(first.open);
  EXPECT_EQ(UtcText(first.changes_at), "2026-11-24T04:00:00Z");
  EXPECT_EQ(UtcText(first.opens_at), "2026-11-25T00:00:00Z");
  EXPECT_TRUE(StateAt(window, "", At("2026-11-24T03:59:59Z")).open);
  EXPECT_FALSE(StateAt(window, "", At("2026-11-24T04:00:00Z")).open);
}

TEST(WindowClock, FollowsTheDevicesZoneWhenItIsDeviceLocal) {
  const v1::Window window = MakeWindow("FREQ=DAILY;BYHOUR=1", absl::Hours(1), kDeviceLocal);
  const Time now = At("2026-11-23T16:30:00Z");  // half past one in Tokyo
  EXPECT_TRUE(StateAt(window, "Asia/Tokyo", now).open);
  EXPECT_FALSE(StateAt(window, "America/New_York", now).open);
  EXPECT_EQ(UtcText(StateAt(window, "America/New_York", now).opens_at), "2026-11-24T06:00:00Z");
}

// 2027-03-28: 02:00 to 03:00 do not exist in Vienna.
TEST(WindowClock, OpensAtTheJumpWhenClocksSkipTheOpening) {
  const v1::Window window =
      MakeWindow("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", absl::Hours(1), "Europe/Vienna");
  const WindowState state = StateAt(window, "", At("2027-03-28T00:00:00Z"));
  EXPECT_EQ(UtcText(state.opens_at), "2027-03-28T01:00:00Z");
  EXPECT_TRUE(StateAt(window, "", At("2027-03-28T01:59:59Z")).open);
  EXPECT_FALSE(StateAt(window, "", At("2027-03-28T02:00:00Z")).open);
}

// 2026-10-25: 02:00 to 03:00 come twice in Vienna.
TEST(WindowClock, OpensOnceWhenClocksRepeatTheOpening) {
  const v1::Window window =
      MakeWindow("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", absl::Minutes(20), "Europe/Vienna");
  EXPECT_EQ(UtcText(StateAt(window, "", At("2026-10-24T23:00:00Z")).opens_at),
            "2026-10-25T00:30:00Z");
  EXPECT_TRUE(StateAt(window, "", At("2026-10-25T00:40:00Z")).open);
  const WindowState again = StateAt(window, "", At("2026-10-25T01:35:00Z"));
  EXPECT_FALSE(again.open);
  EXPECT_EQ(UtcText(again.opens_at), "2026-10-26T01:30:00Z");
}

// The window lasts as long as it says, whatever the clocks do in it.
TEST(WindowClock, LastsItsDurationOfElapsedTimeAcrossAJump) {
  const v1::Window window = MakeWindow("FREQ=DAILY;BYHOUR=1", absl::Hours(4), "Europe/Vienna");
  EXPECT_EQ(UtcText(StateAt(window, "", At("2027-03-28T00:30:00Z")).changes_at),
            "2027-03-28T04:00:00Z");
  EXPECT_EQ(UtcText(StateAt(window, "", At("2026-10-25T00:30:00Z")).changes_at),
            "2026-10-25T03:00:00Z");
}

TEST(WindowClock, StaysOpenWhereOpeningsOverlap) {
  const v1::Window window = MakeWindow("FREQ=DAILY;BYHOUR=1,3", absl::Hours(3), "");
  for (const char* time :
       {"2026-11-24T01:00:00Z", "2026-11-24T03:30:00Z", "2026-11-24T05:59:59Z"}) {
    EXPECT_TRUE(StateAt(window, "", At(time)).open) << time;
  }
  EXPECT_FALSE(StateAt(window, "", At("2026-11-24T06:00:00Z")).open);
}

TEST(WindowClock, SaysNothingElseBetweenNowAndItsNextChange) {
  for (const char* zone : {"Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe", "UTC"}) {
    const v1::Window window =
        MakeWindow("FREQ=WEEKLY;BYDAY=SU,WE;BYHOUR=0,2;BYMINUTE=30", absl::Minutes(100), zone);
    Time now = At("2026-10-20T00:00:00Z");
    for (int i = 0; i < 200; ++i) {
      const WindowState state = StateAt(window, "", now);
      ASSERT_GT(state.changes_at, now);
      const Time middle = now + (state.changes_at - now) / 2;
      EXPECT_EQ(StateAt(window, "", middle).open, state.open) << zone << " " << UtcText(middle);
      EXPECT_EQ(StateAt(window, "", state.changes_at - absl::Seconds(1)).open, state.open)
          << zone << " " << UtcText(state.changes_at);
      now = state.changes_at;
    }
  }
}

TEST(WindowClock, RefusesZonesThatAreNoZoneFiles) {
  for (const char* zone : {"", "Nowhere/Land", "/etc/passwd", "../../etc/passwd", "localtime",
                           "file:/etc/passwd", "libc:localtime"}) {
    EXPECT_EQ(FindZone(zone).status().code(), StatusCode::kInvalidArgument) << zone;
  }
  EXPECT_TRUE(FindZone("Europe/Vienna").ok());
}

TEST(WindowClock, ReadsTheZoneOfADeviceFromItsLabelsAndFallsBackToUtc) {
  v1::Device device;
  EXPECT_EQ(ZoneOf(device), "UTC");
  (*device.mutable_facts()->mutable_labels())["zone"] = "Asia/Tokyo";
  EXPECT_EQ(ZoneOf(device), "Asia/Tokyo");
  (*device.mutable_labels())["zone"] = "Europe/Vienna";
  EXPECT_EQ(ZoneOf(device), "Europe/Vienna");
  (*device.mutable_labels())["zone"] = "rack-7";
  EXPECT_EQ(ZoneOf(device), "UTC");
}

TEST(WindowClock, ChecksAWindow) {
  EXPECT_TRUE(CheckWindow(MakeWindow("FREQ=DAILY", absl::Hours(1), kDeviceLocal)).ok());
  EXPECT_FALSE(CheckWindow(MakeWindow("FREQ=DAILY", absl::Seconds(59), "")).ok());
  EXPECT_FALSE(CheckWindow(MakeWindow("FREQ=DAILY", absl::Hours(169), "")).ok());
  EXPECT_FALSE(CheckWindow(MakeWindow("FREQ=DAILY", absl::Hours(1), "Vienna")).ok());
  EXPECT_FALSE(CheckWindow(MakeWindow("DAILY", absl::Hours(1), "")).ok());
}

}  // namespace
}  // namespace flotilla::rollout
