#include "agent/trust/trust_watch.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

const Time kNow = ParseUtcText("2026-03-01T12:34:56Z").value();
constexpr Duration kWeek = absl::Hours(24 * 7);

TrustNews Good() {
  TrustNews news;
  news.dates.timestamp_issued = kNow - absl::Hours(1);
  news.dates.snapshot_issued = kNow - absl::Hours(2);
  news.dates.publisher_issued = kNow - absl::Hours(100);
  news.dates.publisher_expires = kNow + absl::Hours(100);
  return news;
}

TrustNews Bad() {
  TrustNews news;
  news.status = WithReason(PermissionDenied("timestamp: expired"),
                           v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
  return news;
}

TEST(TrustWatch, IsStaleWhenNoRefreshSucceededForTooLong) {
  TrustWatch watch({}, kWeek, {});
  watch.OnRefresh(Good(), {kNow, true}, {});
  EXPECT_FALSE(watch.OnTick({kNow + kWeek, true}, kWeek));
  EXPECT_FALSE(watch.record().stale);
  EXPECT_TRUE(watch.OnTick({kNow + kWeek + absl::Seconds(1), true}, kWeek));
  EXPECT_TRUE(watch.record().stale);
  watch.OnRefresh(Good(), {kNow + kWeek * 2, true}, kWeek * 2);
  EXPECT_FALSE(watch.record().stale);
}

TEST(TrustWatch, CountsByTheMonotonicClockWhereTheOtherStandsStill) {
  TrustWatch watch({}, kWeek, {});
  watch.OnRefresh(Good(), {kNow, false, v1::FAILURE_REASON_CLOCK_UNSYNCED}, {});
  watch.OnTick({kNow, false, v1::FAILURE_REASON_CLOCK_UNSYNCED}, kWeek + absl::Seconds(1));
  EXPECT_TRUE(watch.record().stale);
}

TEST(TrustWatch, ADeviceThatWasOffForLongIsStaleUntilItHasRefreshed) {
  TrustRecord saved;
  saved.refreshed_at = kNow - kWeek * 3;
  TrustWatch watch(saved, kWeek, {});
  watch.OnTick({kNow, true}, {});
  EXPECT_TRUE(watch.record().stale);
}

TEST(TrustWatch, SaysSinceWhenAndWhyRefreshesFail) {
  TrustWatch watch({}, kWeek, {});
  watch.OnRefresh(Good(), {kNow, true}, {});
  watch.OnRefresh(Bad(), {kNow + absl::Hours(1), true}, absl::Hours(1));
  watch.OnRefresh(Bad(), {kNow + absl::Hours(2), true}, absl::Hours(2));
  EXPECT_EQ(watch.record().failing_since, kNow + absl::Hours(1));
  EXPECT_EQ(watch.record().failure_reason, v1::FAILURE_REASON_TRUST_EXPIRED_TIMESTAMP);
  EXPECT_EQ(watch.record().refreshed_at, kNow);
  watch.OnRefresh(Good(), {kNow + absl::Hours(3), true}, absl::Hours(3));
  EXPECT_FALSE(watch.record().failing_since.has_value());
}

TEST(TrustWatch, DescribesItselfInHours) {
  TrustWatch watch({}, kWeek, {});
  watch.OnRefresh(Good(), {kNow, false, v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE}, {});
  v1::Condition condition;
  watch.Describe(condition);
  EXPECT_EQ(condition.clock(), v1::CLOCK_CONDITION_UNTRUSTED);
  EXPECT_EQ(condition.clock_cause(), v1::FAILURE_REASON_CLOCK_IMPLAUSIBLE);
  EXPECT_FALSE(condition.metadata_stale());
  EXPECT_EQ(condition.metadata_issued_at().seconds() % 3600, 0);
  EXPECT_EQ(condition.publisher_expires_at().seconds() / 3600,
            absl::ToUnixSeconds(kNow + absl::Hours(100)) / 3600);
}

TEST(TrustRecord, OutlivesARestart) {
  const TempDir dir;
  const auto db = StateDb::Open(dir.path() / "agent.db");
  ASSERT_TRUE(db.ok()) << db.status();
  EXPECT_EQ(LoadTrustRecord(**db).value(), TrustRecord());
  TrustRecord record;
  record.refreshed_at = absl::FromUnixSeconds(100);
  record.publisher_expires = absl::FromUnixSeconds(200);
  record.failing_since = absl::FromUnixSeconds(300);
  record.failure_reason = 308;
  record.stale = true;
  record.clock_cause = 701;
  ASSERT_TRUE(SaveTrustRecord(**db, record).ok());
  EXPECT_EQ(LoadTrustRecord(**db).value(), record);
}

}  // namespace
}  // namespace flotilla::agent
