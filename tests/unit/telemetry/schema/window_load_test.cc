// Under any load the same form of votes, the same memory, and the percentiles of all values.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include "absl/time/time.h"

#include "base/random.h"
#include "base/time.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/metric_switches.h"
#include "telemetry/schema/registry.h"
#include "telemetry/schema/verdicts.h"
#include "telemetry/schema/window.h"
#include "telemetry/schema/window_events.h"
#include "tests/support/seeded_random.h"

namespace flotilla::schema {
namespace {

// Everything lies in the object, so its size is all that a window ever takes.
static_assert(std::is_trivially_copyable_v<Window>);
static_assert(std::is_trivially_copyable_v<Votes>);
static_assert(sizeof(Window) <= 1024);

struct Load {
  explicit Load(std::uint64_t seed) : random(seed) {}

  double Between(double low, double high) {
    return low + (high - low) * static_cast<double>(UniformBelow(random, 1'000'001)) / 1e6;
  }

  Duration LogUniform() { return absl::Milliseconds(std::pow(10.0, Between(0, 6))); }

  // Any event, sound or not.
  void Event(Window& window) {
    switch (UniformBelow(random, 8)) {
      case 0:
        window.OnMemory({.resident_bytes = UniformBelow(random, 2'000), .budget_bytes = 1'000})
            .IgnoreError();
        return;
      case 1:
        window.OnTemperature(Between(-100, 300)).IgnoreError();
        return;
      case 2:
        window.OnBusyTime({.busy = LogUniform(), .throttled = LogUniform()}).IgnoreError();
        return;
      case 3:
        window.OnCrash(static_cast<CrashClass>(UniformBelow(random, 12))).IgnoreError();
        return;
      case 4:
        window.OnEnergy(Between(-1, 100)).IgnoreError();
        return;
      case 5:
        window.OnOutcome(static_cast<Outcome>(UniformBelow(random, 3))).IgnoreError();
        return;
      default:
        window
            .OnRequest({.time_to_first_token = LogUniform(),
                        .whole = LogUniform(),
                        .decoded_tokens = UniformBelow(random, 500),
                        .decode_time = LogUniform(),
                        .tokens = UniformBelow(random, 1'000)})
            .IgnoreError();
    }
  }

  SeededRandom random;
};

TEST(WindowLoad, GivesVotesOfOneFormWhateverHappened) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Load load(seed);
    Window window;
    for (std::uint64_t left = UniformBelow(load.random, 300); left > 0; --left) load.Event(window);
    const Votes votes = window.Reduce(MetricSwitches::AsInTheTable());
    for (std::size_t i = 0; i < votes.size(); ++i) {
      const Metric& metric = AllMetrics()[i];
      EXPECT_EQ(votes.at(i).metric, metric.id);
      ASSERT_EQ(votes.at(i).bucket.has_value(), metric.unless_told == Switch::kOn) << metric.name;
      EXPECT_LT(votes.at(i).bucket.value_or(0), metric.buckets()) << metric.name;
    }
  }
}

TEST(WindowLoad, VotesTheSameForTheSameEvents) {
  Load first(7);
  Load second(7);
  Window one;
  Window other;
  for (int i = 0; i < 1'000; ++i) {
    first.Event(one);
    second.Event(other);
  }
  const Votes votes = one.Reduce(MetricSwitches::AsInTheTable());
  const Votes again = other.Reduce(MetricSwitches::AsInTheTable());
  for (std::size_t i = 0; i < votes.size(); ++i) EXPECT_EQ(votes.at(i).bucket, again.at(i).bucket);
}

double NearestRank(std::vector<double> values, std::size_t percent) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * percent + 99) / 100 - 1];
}

TEST(WindowLoad, ReducesToThePercentilesOfTheSortedValues) {
  Load load(11);
  for (int round = 0; round < 50; ++round) {
    Window window;
    std::vector<double> firsts;
    std::vector<double> wholes;
    std::vector<double> speeds;
    for (std::uint64_t left = 1 + UniformBelow(load.random, 200); left > 0; --left) {
      RequestFinished request;
      request.whole = load.LogUniform();
      request.time_to_first_token = request.whole * load.Between(0, 1);
      request.tokens = 1 + UniformBelow(load.random, 500);
      request.decoded_tokens = request.tokens;
      request.decode_time = load.LogUniform();
      ASSERT_TRUE(window.OnRequest(request).ok());
      firsts.push_back(absl::ToDoubleMilliseconds(*request.time_to_first_token));
      wholes.push_back(absl::ToDoubleMilliseconds(request.whole));
      speeds.push_back(static_cast<double>(request.tokens) /
                       absl::ToDoubleSeconds(request.decode_time));
    }
    const Votes votes = window.Reduce(MetricSwitches::AsInTheTable());
    const auto expect = [&votes](MetricId id, double value) {
      const auto bucket = BucketOf(MetricOf(id), value);
      ASSERT_TRUE(bucket.ok());
      EXPECT_EQ(votes.at(static_cast<std::size_t>(id) - 1).bucket, *bucket);
    };
    expect(MetricId::kTtftP95, NearestRank(firsts, 95));
    expect(MetricId::kRequestP95, NearestRank(wholes, 95));
    expect(MetricId::kDecodeTpsP50, NearestRank(speeds, 50));
  }
}

}  // namespace
}  // namespace flotilla::schema
