#include "controller/rollout/site_bursts.h"

#include <gtest/gtest.h>

namespace flotilla::rollout {
namespace {

using Counts = SiteBursts::Counts;

constexpr std::uint32_t kManyTried = 10;

Time At(int minutes) {
  return absl::UnixEpoch() + absl::Minutes(minutes);
}

TEST(SiteBursts, CountOnceForOneSiteAndHour) {
  SiteBursts bursts;
  EXPECT_EQ(bursts.Note("d1", "a", kManyTried, At(0)), Counts::kYes);
  EXPECT_EQ(bursts.Note("d2", "a", kManyTried, At(5)), Counts::kWithAnother);
  EXPECT_EQ(bursts.Note("d3", "b", kManyTried, At(10)), Counts::kYes);
  EXPECT_EQ(bursts.Note("d4", "b", kManyTried, At(59)), Counts::kWithAnother);
  EXPECT_TRUE(bursts.TakeReleased().empty());
}

TEST(SiteBursts, CountInFullOnceAThirdSiteFails) {
  SiteBursts bursts;
  bursts.Note("d1", "a", kManyTried, At(0));
  bursts.Note("d2", "a", kManyTried, At(1));
  bursts.Note("d3", "b", kManyTried, At(2));
  bursts.Note("d4", "b", kManyTried, At(3));
  EXPECT_EQ(bursts.Note("d5", "c", kManyTried, At(4)), Counts::kYes);
  EXPECT_EQ(bursts.TakeReleased(), (std::vector<std::string>{"d2", "d4"}));
  EXPECT_TRUE(bursts.TakeReleased().empty()) << "told once";
  EXPECT_EQ(bursts.Note("d6", "a", kManyTried, At(5)), Counts::kYes);
}

TEST(SiteBursts, ForgetAnHour) {
  SiteBursts bursts;
  bursts.Note("d1", "a", kManyTried, At(0));
  EXPECT_EQ(bursts.Note("d2", "a", kManyTried, At(60)), Counts::kYes);
  bursts.Note("d3", "b", kManyTried, At(61));
  EXPECT_EQ(bursts.Note("d4", "c", kManyTried, At(121)), Counts::kYes);
  EXPECT_EQ(bursts.Note("d5", "c", kManyTried, At(122)), Counts::kWithAnother);
}

TEST(SiteBursts, ExcuseNothingWhereTooFewSitesCouldTell) {
  SiteBursts bursts;
  bursts.Note("d1", "a", 2, At(0));
  EXPECT_EQ(bursts.Note("d2", "a", 2, At(1)), Counts::kYes);
  EXPECT_EQ(bursts.Note("d3", "", kManyTried, At(1)), Counts::kYes) << "no site";
  EXPECT_EQ(bursts.Note("d4", "", kManyTried, At(1)), Counts::kYes);
}

TEST(SiteBursts, GoOnAfterARestartWithWhatWasStored) {
  SiteBursts bursts;
  bursts.Load("d2", "a", Counts::kWithAnother, At(1));
  bursts.Load("d1", "a", Counts::kYes, At(0));
  bursts.Note("d3", "b", kManyTried, At(2));
  bursts.Note("d4", "c", kManyTried, At(3));
  EXPECT_EQ(bursts.TakeReleased(), std::vector<std::string>{"d2"});
}

TEST(SiteBursts, ForgetAFailureThatWasNone) {
  SiteBursts bursts;
  bursts.Note("d1", "a", kManyTried, At(0));
  bursts.Forget("d1");
  EXPECT_EQ(bursts.Note("d2", "a", kManyTried, At(1)), Counts::kYes);
}

}  // namespace
}  // namespace flotilla::rollout
