#include "agent/enrol/renewal_plan.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::agent {
namespace {

constexpr Duration kDay = absl::Hours(24);

TEST(RenewalPlan, RenewsAtTwoThirdsOfLifeAndUpToATwelfthLater) {
  SeededRandom random(1);
  const Time start = absl::FromUnixSeconds(1'800'000'000);
  std::set<Time> times;
  for (int i = 0; i < 1000; ++i) {
    const Time at = RenewalTime(start, start + 60 * kDay, random);
    EXPECT_GE(at, start + 40 * kDay);
    EXPECT_LE(at, start + 45 * kDay);
    times.insert(at);
  }
  EXPECT_GT(times.size(), 990U);
  EXPECT_LT(*times.begin(), start + 41 * kDay);
  EXPECT_GT(*times.rbegin(), start + 44 * kDay);
}

TEST(RenewalPlan, ManyTriesFitIntoWhatIsLeft) {
  const Time start = absl::FromUnixSeconds(1'800'000'000);
  const BackoffOptions month = RenewalBackoff(start, start + 60 * kDay);
  EXPECT_EQ(month.base, absl::Minutes(1));
  EXPECT_EQ(month.cap, absl::Hours(6));
  const BackoffOptions minute = RenewalBackoff(start, start + absl::Seconds(60));
  EXPECT_EQ(minute.base, absl::Milliseconds(600));
  EXPECT_EQ(minute.cap, absl::Seconds(3));
}

TEST(RenewalPlan, ACertificateWithoutALifeIsDueAtOnce) {
  SeededRandom random(1);
  const Time start = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(RenewalTime(start, start, random), start);
  EXPECT_EQ(RenewalTime(start, start - kDay, random), start);
}

}  // namespace
}  // namespace flotilla::agent
