#include "agent/silence/silence.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "agent/silence/silence_desk.h"
#include "tests/support/fake_executor.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr Duration kDay = absl::Hours(24);

v1::InstalledRelease WithMaxAge(Duration age) {
  v1::InstalledRelease release;
  release.mutable_ref()->set_sha256("digest");
  release.set_max_age_seconds(static_cast<std::uint64_t>(absl::ToInt64Seconds(age)));
  return release;
}

TEST(Silence, CountsFromTheLastWord) {
  Silence silence({}, kNow, absl::ZeroDuration());
  EXPECT_EQ(silence.length(), absl::ZeroDuration());
  silence.Pass(kNow + kDay, kDay);
  EXPECT_EQ(silence.length(), kDay);
  silence.Heard(kNow + 2 * kDay, 2 * kDay);
  silence.Pass(kNow + 3 * kDay, 3 * kDay);
  EXPECT_EQ(silence.length(), kDay);
}

TEST(Silence, KnowsOfTheTimeThatTheDeviceWasOff) {
  Silence before({}, kNow, absl::ZeroDuration());
  before.Heard(kNow, absl::ZeroDuration());
  const Silence after(before.record(), kNow + 10 * kDay, absl::Seconds(1));
  EXPECT_EQ(after.length(), 10 * kDay);
}

TEST(Silence, WinsNothingByAClockThatIsSetBack) {
  Silence silence({}, kNow, absl::ZeroDuration());
  silence.Pass(kNow + 3 * kDay, 3 * kDay);
  silence.Pass(kNow - 300 * kDay, 4 * kDay);
  EXPECT_EQ(silence.length(), 4 * kDay);
  // Neither by a restart with that clock.
  Silence again(silence.record(), kNow - 300 * kDay, absl::ZeroDuration());
  EXPECT_EQ(again.length(), 4 * kDay);
  again.Pass(kNow - 300 * kDay, kDay);
  EXPECT_EQ(again.length(), 5 * kDay);
}

TEST(Silence, MakesAReleaseTooOldAtItsMaxAgeAndNotBefore) {
  const v1::InstalledRelease release = WithMaxAge(30 * kDay);
  EXPECT_FALSE(IsTooOld(release, 30 * kDay - absl::Seconds(1)));
  EXPECT_TRUE(IsTooOld(release, 30 * kDay));
  EXPECT_FALSE(IsTooOld(v1::InstalledRelease(), 3000 * kDay));
  EXPECT_EQ(TimeLeft(release, 29 * kDay), kDay);
  EXPECT_EQ(TimeLeft(v1::InstalledRelease(), kDay), absl::InfiniteDuration());
}

class SilenceDeskTest : public ::testing::Test {
 protected:
  SilenceDeskTest() : db_(StateDb::Open(dir_.path() / "agent.db").value()) { Restart(); }

  void Restart() {
    desk_.reset();
    desk_ = std::make_unique<SilenceDesk>(
        SilenceDesk::Parts{executor_, executor_, *db_, [this] { return std::vector{release_}; },
                           [this] { old_ = desk_->IsTooOld(release_); }});
    desk_->Start();
  }

  TempDir dir_;
  FakeExecutor executor_;
  std::unique_ptr<StateDb> db_;
  v1::InstalledRelease release_ = WithMaxAge(absl::Hours(2));
  bool old_ = false;
  std::unique_ptr<SilenceDesk> desk_;
};

TEST_F(SilenceDeskTest, SaysWhenAReleaseIsTooOldAndWhenItIsNotAnyMore) {
  desk_->OnHeard();
  executor_.Advance(absl::Hours(100));  // a session is a word that lasts
  EXPECT_FALSE(old_);
  desk_->OnSessionDown();
  executor_.Advance(absl::Hours(2) - absl::Seconds(1));
  EXPECT_FALSE(old_);
  executor_.Advance(absl::Seconds(2));
  EXPECT_TRUE(old_);
  desk_->OnHeard();
  EXPECT_FALSE(old_);
}

TEST_F(SilenceDeskTest, GoesOnCountingAfterARestartWithAClockOf1970) {
  desk_->OnHeard();
  desk_->OnSessionDown();
  executor_.Advance(absl::Minutes(90));
  executor_.SetWallClock(absl::UnixEpoch());
  Restart();
  EXPECT_FALSE(old_);
  executor_.Advance(absl::Minutes(32));
  EXPECT_TRUE(old_);
}

TEST_F(SilenceDeskTest, KnowsAtItsStartThatAReleaseIsTooOld) {
  desk_->OnHeard();
  desk_->OnSessionDown();
  executor_.SetWallClock(executor_.Now() + absl::Hours(3));
  Restart();
  EXPECT_TRUE(desk_->IsTooOld(release_));
}

}  // namespace
}  // namespace flotilla::agent
