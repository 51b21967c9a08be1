#include "telemetry/schema/window.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include "absl/time/time.h"

#include "base/time.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/metric_switches.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/release_health.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window_events.h"

namespace flotilla::schema {
namespace {

MetricSwitches AllOn() {
  return MetricSwitches::AsInTheTable().With(MetricId::kUsageBand, Switch::kOn);
}

// What people would read of the device's vote; "off" when there is none.
std::string VoteOf(const Window& window, MetricId id) {
  const Vote vote = window.Reduce(AllOn()).at(static_cast<std::size_t>(id) - 1);
  EXPECT_EQ(vote.metric, id);
  return vote.bucket ? BucketLabel(MetricOf(id), *vote.bucket) : "off";
}

RequestFinished Request(Duration first, Duration whole) {
  return {.time_to_first_token = first,
          .whole = whole,
          .decoded_tokens = 10,
          .decode_time = absl::Seconds(1),
          .tokens = 11};
}

TEST(Window, OfAnIdleDeviceVotesForEveryMetricAllTheSame) {
  const Window window;
  const Votes votes = window.Reduce(AllOn());
  for (std::size_t i = 0; i < votes.size(); ++i) {
    const Metric& metric = AllMetrics()[i];
    EXPECT_EQ(votes.at(i).metric, metric.id);
    ASSERT_TRUE(votes.at(i).bucket.has_value()) << metric.name;
    const std::string label = BucketLabel(metric, *votes.at(i).bucket);
    if (metric.id == MetricId::kCrashClass) {
      EXPECT_EQ(label, "none");
    } else if (metric.id == MetricId::kCrashCount) {
      EXPECT_EQ(label, "< 1");
    } else {
      EXPECT_TRUE(label == kNoDataBucket || label == kNoSensorBucket)
          << metric.name << ": " << label;
    }
  }
}

TEST(Window, VotesNothingOfAMetricThatIsOffAndTheSameOfTheOthers) {
  Window window;
  ASSERT_TRUE(window.OnTemperature(71).ok());
  const Votes all = window.Reduce(AllOn());
  for (const Metric& metric : AllMetrics()) {
    const Votes some = window.Reduce(AllOn().With(metric.id, Switch::kOff));
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(some.at(i).metric, all.at(i).metric);
      EXPECT_EQ(some.at(i).bucket,
                some.at(i).metric == metric.id ? std::nullopt : all.at(i).bucket);
    }
  }
  for (const Vote& vote : window.Reduce(MetricSwitches::AllOff())) {
    EXPECT_EQ(vote.bucket, std::nullopt);
  }
}

TEST(Window, VotesForThe95thPercentileOfTimes) {
  Window window;
  for (int i = 0; i < 19; ++i) {
    ASSERT_TRUE(window.OnRequest(Request(absl::Milliseconds(70), absl::Milliseconds(150))).ok());
  }
  ASSERT_TRUE(window.OnRequest(Request(absl::Seconds(60), absl::Seconds(600))).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kTtftP95), "63 to < 79.38");
  EXPECT_EQ(VoteOf(window, MetricId::kRequestP95), "140 to < 196");
  ASSERT_TRUE(window.OnRequest(Request(absl::Seconds(60), absl::Seconds(600))).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kTtftP95), ">= 8075");
  EXPECT_EQ(VoteOf(window, MetricId::kRequestP95), ">= 163990");
}

TEST(Window, KeepsARequestWithoutATokenOutOfFirstTokensAndSpeed) {
  Window window;
  ASSERT_TRUE(
      window.OnRequest({.time_to_first_token = std::nullopt, .whole = absl::Milliseconds(150)})
          .ok());
  EXPECT_EQ(VoteOf(window, MetricId::kTtftP95), "no-data");
  EXPECT_EQ(VoteOf(window, MetricId::kDecodeTpsP50), "no-data");
  EXPECT_EQ(VoteOf(window, MetricId::kRequestP95), "140 to < 196");
  EXPECT_EQ(VoteOf(window, MetricId::kUsageBand), "< 10");
}

TEST(Window, VotesForTheMedianSpeed) {
  Window window;
  for (const std::uint64_t tokens : {1U, 10U, 1'000U}) {
    RequestFinished request = Request(absl::Milliseconds(70), absl::Seconds(2));
    request.decoded_tokens = tokens;
    request.tokens = tokens + 1;
    ASSERT_TRUE(window.OnRequest(request).ok());
  }
  EXPECT_EQ(VoteOf(window, MetricId::kDecodeTpsP50), "9.095 to < 11.37");
}

TEST(Window, VotesForTheHighestMemoryAndTemperature) {
  Window window;
  for (const std::uint64_t resident : {600U, 850U, 100U}) {
    ASSERT_TRUE(window.OnMemory({.resident_bytes = resident, .budget_bytes = 1'000}).ok());
  }
  EXPECT_EQ(VoteOf(window, MetricId::kMemHighWater), "> 80 to 85");
  for (const double celsius : {-20.0, 71.5, 30.0}) {
    ASSERT_TRUE(window.OnTemperature(celsius).ok());
  }
  EXPECT_EQ(VoteOf(window, MetricId::kTempMax), "70 to < 75");
}

TEST(Window, OfAColdDeviceIsColdAndNotWithoutASensor) {
  Window window;
  ASSERT_TRUE(window.OnTemperature(-20).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kTempMax), "< 45");
}

TEST(Window, PutsAShareThatIsExactlyAnEdgeWhereTheTableSays) {
  const std::uint64_t budget = 100ULL * 31'000'003;  // so that every whole percentage is whole
  for (const std::uint64_t percent : {50U, 60U, 70U, 75U, 80U, 85U, 90U, 95U, 100U}) {
    const Metric& metric = MetricOf(MetricId::kMemHighWater);
    Window at;
    Window over;
    ASSERT_TRUE(
        at.OnMemory({.resident_bytes = budget / 100 * percent, .budget_bytes = budget}).ok());
    ASSERT_TRUE(
        over.OnMemory({.resident_bytes = budget / 100 * percent + 1, .budget_bytes = budget}).ok());
    const auto bucket = BucketOf(metric, static_cast<double>(percent));
    ASSERT_TRUE(bucket.ok());
    EXPECT_EQ(VoteOf(at, metric.id), BucketLabel(metric, *bucket));
    EXPECT_EQ(VoteOf(over, metric.id), BucketLabel(metric, *bucket + 1));
  }
}

TEST(Window, CallsMemoryOomOnceAnEngineWasKilledForIt) {
  Window window;
  ASSERT_TRUE(window.OnCrash(CrashClass::kOomKill).ok());
  ASSERT_TRUE(window.OnMemory({.resident_bytes = 10, .budget_bytes = 1'000}).ok());
  ASSERT_TRUE(window.OnCrash(CrashClass::kSegv).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kMemHighWater), "oom");
}

TEST(Window, VotesForTheShareOfThrottledBusyTime) {
  Window window;
  ASSERT_TRUE(window.OnBusyTime({.busy = absl::Seconds(50), .throttled = Duration()}).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kThrottleShare), "0");
  ASSERT_TRUE(
      window.OnBusyTime({.busy = absl::Seconds(49), .throttled = absl::Milliseconds(1)}).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kThrottleShare), "< 1");
  ASSERT_TRUE(
      window.OnBusyTime({.busy = absl::Seconds(1), .throttled = absl::Milliseconds(999)}).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kThrottleShare), "1 to < 5");  // 1 s of 100 s
}

TEST(Window, OfADeviceThatWasNeverBusyHasNoThrottleShare) {
  Window window;
  ASSERT_TRUE(window.OnBusyTime({}).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kThrottleShare), "no-data");
}

TEST(Window, CountsCrashesAndVotesForTheWorst) {
  Window window;
  ASSERT_TRUE(window.OnCrash(CrashClass::kOther).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kCrashClass), "other");
  ASSERT_TRUE(window.OnCrash(CrashClass::kDisk).ok());
  ASSERT_TRUE(window.OnCrash(CrashClass::kAbort).ok());
  ASSERT_TRUE(window.OnCrash(CrashClass::kOther).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kCrashClass), "disk");
  EXPECT_EQ(VoteOf(window, MetricId::kCrashCount), "3 to < 5");
}

TEST(Window, VotesForEnergyOverTokens) {
  Window window;
  ASSERT_TRUE(window.OnEnergy(1).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kJoulesPerKtoken), "no-sensor") << "no token was made";
  RequestFinished request = Request(absl::Milliseconds(70), absl::Seconds(2));
  request.tokens = 500;
  ASSERT_TRUE(window.OnRequest(request).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kJoulesPerKtoken), "1.792 to < 2.33");
  ASSERT_TRUE(window.OnEnergy(99).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kJoulesPerKtoken), ">= 32.12");
}

TEST(Window, VotesForTheShareOfSolvedAnswersOnceThereAreEnough) {
  Window window;
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(window.OnOutcome(i < 8 ? Outcome::kSolved : Outcome::kNotSolved).ok());
    EXPECT_EQ(VoteOf(window, MetricId::kOutcomeGoodShare), "too-few");
  }
  ASSERT_TRUE(window.OnOutcome(Outcome::kNotSolved).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kOutcomeGoodShare), "80 to < 90");
}

TEST(Window, VotesForDecadesOfUse) {
  Window window;
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(window.OnRequest(Request(absl::Milliseconds(1), absl::Milliseconds(2))).ok());
  }
  EXPECT_EQ(VoteOf(window, MetricId::kUsageBand), "< 10");
  ASSERT_TRUE(window.OnRequest(Request(absl::Milliseconds(1), absl::Milliseconds(2))).ok());
  EXPECT_EQ(VoteOf(window, MetricId::kUsageBand), "10 to < 100");
}

TEST(Window, KeepsTheNewestVerdict) {
  Window window;
  window.OnGateVerdict(GateVerdict::kBetter);
  window.OnGateVerdict(GateVerdict::kWorse);
  EXPECT_EQ(VoteOf(window, MetricId::kGateVerdict), "worse");
}

TEST(Window, RemembersItsHealthForTheNextVerdict) {
  Window window;
  ASSERT_TRUE(window.OnRequest(Request(absl::Milliseconds(70), absl::Milliseconds(150))).ok());
  ASSERT_TRUE(window.OnCrash(CrashClass::kSegv).ok());
  ASSERT_TRUE(window.OnOutcome(Outcome::kSolved).ok());
  ASSERT_TRUE(window.OnOutcome(Outcome::kNotSolved).ok());
  const ReleaseHealth health = window.Health();
  EXPECT_EQ(health.requests, 1U);
  EXPECT_EQ(health.ttft_p50, 1U);
  EXPECT_EQ(health.ttft_p95, 1U);
  EXPECT_EQ(health.request_p50, 1U);
  EXPECT_EQ(health.request_p95, 1U);
  EXPECT_TRUE(health.decode_tps_p50.has_value());
  EXPECT_EQ(health.crashes, 1U);
  EXPECT_EQ(health.outcomes, 2U);
  EXPECT_EQ(health.solved, 1U);
  EXPECT_EQ(Window().Health().ttft_p95, std::nullopt);
}

}  // namespace
}  // namespace flotilla::schema
