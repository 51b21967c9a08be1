#include "agent/health/line_health.h"

#include <gtest/gtest.h>

#include "telemetry/schema/registry.h"
#include "telemetry/schema/verdicts.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

using schema::GateVerdict;
using schema::MetricId;
using schema::ReleaseFate;

constexpr Duration kHourLong = absl::Hours(1);
constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000LL / 3600 * 3600);
const Digest kOld = ReleaseOf(1);
const Digest kNew = ReleaseOf(2);

schema::RequestFinished Request(Duration whole) {
  schema::RequestFinished request;
  request.time_to_first_token = whole / 4;
  request.whole = whole;
  request.tokens = 10;
  return request;
}

class LineHealthTest : public testing::Test {
 protected:
  LineHealthTest() {
    line_.Measure({kHourLong}, kStart);
    line_.OnRelease(kOld, ReleaseFate::kServing, kStart);
  }
  void Requests(int count, Duration whole, Time at) {
    for (int i = 0; i < count; ++i) {
      line_.Count(at, [&](schema::Window& window) { return window.OnRequest(Request(whole)); });
    }
  }
  void Crash(Time at) {
    line_.Count(at,
                [](schema::Window& window) { return window.OnCrash(schema::CrashClass::kSegv); });
  }
  static std::optional<std::uint32_t> Vote(const LineWindow& window, const Digest& release,
                                           dap::Arm arm, MetricId metric = MetricId::kGateVerdict) {
    dap::Cohort cohort;
    cohort.metric = static_cast<std::uint32_t>(metric);
    cohort.arm = arm;
    cohort.release = release;
    return VoteOf(window, cohort, schema::MetricSwitches::AsInTheTable());
  }
  static std::uint32_t Bucket(GateVerdict verdict) { return static_cast<std::uint32_t>(verdict); }

  LineHealth line_;
};

TEST_F(LineHealthTest, AWindowEndsOnceAndIsHandedOverOnce) {
  Requests(3, absl::Seconds(1), kStart + absl::Minutes(5));
  line_.Roll(kStart + absl::Minutes(59));
  EXPECT_TRUE(line_.TakeEnded().empty());
  line_.Roll(kStart + kHourLong);
  const auto ended = line_.TakeEnded();
  ASSERT_EQ(1U, ended.size());
  EXPECT_EQ(kStart, ended[0].span.start);
  EXPECT_EQ(3U, ended[0].window.Health().requests);
  line_.Roll(kStart + kHourLong);
  EXPECT_TRUE(line_.TakeEnded().empty());
  EXPECT_EQ(0U, line_.Running(kHourLong)->window.Health().requests);
}

TEST_F(LineHealthTest, AnEventAfterTheEndBelongsToTheNextWindow) {
  Requests(2, absl::Seconds(1), kStart + absl::Minutes(1));
  Requests(1, absl::Seconds(1), kStart + absl::Minutes(61));
  EXPECT_EQ(2U, line_.TakeEnded().at(0).window.Health().requests);
  EXPECT_EQ(1U, line_.Running(kHourLong)->window.Health().requests);
}

TEST_F(LineHealthTest, AClockThatGoesBackThrowsTheWindowAway) {
  Requests(2, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.Roll(kStart - absl::Hours(3));
  EXPECT_TRUE(line_.TakeEnded().empty());
  EXPECT_EQ(0U, line_.Running(kHourLong)->window.Health().requests);
}

TEST_F(LineHealthTest, ANewReleaseIsComparedWithTheOneBefore) {
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.Roll(kStart + kHourLong);
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(70));
  Requests(60, absl::Seconds(4), kStart + absl::Minutes(80));
  const LineWindow window = *line_.Running(kHourLong);
  EXPECT_EQ(Bucket(GateVerdict::kWorse), Vote(window, kNew, dap::Arm::kCanary));
  EXPECT_EQ(60U, window.window.Health().requests);
}

TEST_F(LineHealthTest, ASecondWindowIsComparedWithTheReleaseBeforeToo) {
  Requests(60, absl::Seconds(4), kStart + absl::Minutes(1));
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(50));
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(70));
  line_.Roll(kStart + absl::Hours(2));
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(130));
  EXPECT_EQ(Bucket(GateVerdict::kBetter), Vote(*line_.Running(kHourLong), kNew, dap::Arm::kCanary));
}

TEST_F(LineHealthTest, TheControlArmIsComparedWithItself) {
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.Roll(kStart + kHourLong);
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(70));
  const LineWindow window = *line_.Running(kHourLong);
  EXPECT_EQ(Bucket(GateVerdict::kSame), Vote(window, kOld, dap::Arm::kControl));
  EXPECT_EQ(Bucket(GateVerdict::kNoData), Vote(window, kOld, dap::Arm::kCanary));
}

TEST_F(LineHealthTest, AnIdleWindowDoesNotWipeOutWhatADayHasShown) {
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.Roll(kStart + kHourLong);
  line_.Roll(kStart + 2 * kHourLong);
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(121));
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(130));
  EXPECT_EQ(Bucket(GateVerdict::kSame), Vote(*line_.Running(kHourLong), kNew, dap::Arm::kCanary));
}

TEST_F(LineHealthTest, AReleaseThatWasGivenUpHasFailedWhateverRunsNow) {
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(1));
  line_.OnRelease(kNew, ReleaseFate::kGaveUp, kStart + absl::Minutes(2));
  line_.OnRelease(kOld, ReleaseFate::kServing, kStart + absl::Minutes(2));
  const LineWindow window = *line_.Running(kHourLong);
  EXPECT_EQ(kOld, window.release);
  EXPECT_EQ(Bucket(GateVerdict::kFailed), Vote(window, kNew, dap::Arm::kCanary));
  EXPECT_EQ(std::nullopt, Vote(window, kNew, dap::Arm::kCanary, MetricId::kCrashCount));
}

TEST_F(LineHealthTest, NothingIsKeptOfAReleaseThatWasGivenUp) {
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(2));
  Requests(60, absl::Seconds(9), kStart + absl::Minutes(3));
  line_.OnRelease(kNew, ReleaseFate::kGaveUp, kStart + absl::Minutes(4));
  line_.OnRelease(kOld, ReleaseFate::kServing, kStart + absl::Minutes(4));
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(5));
  EXPECT_EQ(Bucket(GateVerdict::kSame), Vote(*line_.Running(kHourLong), kOld, dap::Arm::kFleet));
}

TEST_F(LineHealthTest, AReleaseThatDoesNotRunHasNoVote) {
  EXPECT_EQ(std::nullopt, Vote(*line_.Running(kHourLong), kNew, dap::Arm::kFleet));
  EXPECT_EQ(std::nullopt, Vote(*line_.Running(kHourLong), Digest(), dap::Arm::kFleet));
}

TEST_F(LineHealthTest, AMetricThatIsOffHasNoVote) {
  EXPECT_EQ(std::nullopt,
            Vote(*line_.Running(kHourLong), kOld, dap::Arm::kFleet, MetricId::kUsageBand));
  EXPECT_EQ(0U, Vote(*line_.Running(kHourLong), kOld, dap::Arm::kFleet, MetricId::kCrashCount));
}

TEST_F(LineHealthTest, ARestartForgetsNothingThatAVerdictNeeds) {
  Requests(60, absl::Seconds(1), kStart + absl::Minutes(1));
  line_.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(2));
  LineHealth again(line_.Memory());
  again.Measure({kHourLong}, kStart + absl::Minutes(3));
  again.OnRelease(kNew, ReleaseFate::kServing, kStart + absl::Minutes(3));
  for (int i = 0; i < 60; ++i) {
    again.Count(kStart + absl::Minutes(4),
                [](schema::Window& window) { return window.OnRequest(Request(absl::Seconds(4))); });
  }
  EXPECT_EQ(Bucket(GateVerdict::kWorse), Vote(*again.Running(kHourLong), kNew, dap::Arm::kCanary));
}

TEST_F(LineHealthTest, MeasuresNoMoreLengthsThanItHasRoomFor) {
  std::set<Duration> lengths;
  for (int i = 1; i <= 100; ++i) {
    lengths.insert(absl::Seconds(i));
  }
  line_.Measure(lengths, kStart);
  EXPECT_EQ(kMaxWindowLengths, line_.Memory().windows.size());
}

}  // namespace
}  // namespace flotilla::agent
