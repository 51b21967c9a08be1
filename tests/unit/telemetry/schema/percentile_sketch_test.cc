#include "telemetry/schema/percentile_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "telemetry/schema/metric.h"
#include "telemetry/schema/registry.h"
#include "tests/support/seeded_random.h"

namespace flotilla::schema {
namespace {

// 0.01 to 1e6, evenly over the logarithm.
double LogUniform(Random& random) {
  const double unit = static_cast<double>(UniformBelow(random, 1'000'000)) / 1e6;
  return std::pow(10.0, -2 + 8 * unit);
}

// Nearest rank over all values: what the sketch must say without having kept them.
double NearestRank(std::vector<double> values, std::uint32_t percent) {
  std::sort(values.begin(), values.end());
  const std::size_t rank = (values.size() * percent + 99) / 100;
  return values[rank - 1];
}

TEST(PercentileSketch, GivesTheBucketOfThePercentileOfTheSortedValues) {
  SeededRandom random(1);
  for (const MetricId id : {MetricId::kTtftP95, MetricId::kRequestP95, MetricId::kDecodeTpsP50}) {
    const Metric& metric = MetricOf(id);
    for (std::size_t size = 1; size <= 130; ++size) {
      PercentileSketch sketch;
      std::vector<double> values;
      for (std::size_t i = 0; i < size; ++i) {
        values.push_back(LogUniform(random));
        sketch.Add(BucketOf(metric, values.back()).value_or(kMaxBuckets));
      }
      for (const std::uint32_t percent : std::array<std::uint32_t, 5>{1, 50, 94, 95, 100}) {
        const auto expected = BucketOf(metric, NearestRank(values, percent));
        ASSERT_TRUE(expected.ok());
        EXPECT_EQ(sketch.Percentile(percent), *expected) << size << " values, p" << percent;
      }
    }
  }
}

TEST(PercentileSketch, HasNothingToSayOfNothing) {
  const PercentileSketch sketch;
  EXPECT_EQ(sketch.Percentile(95), std::nullopt);
  EXPECT_EQ(sketch.total(), 0U);
}

TEST(PercentileSketch, TakesTheLowerMedianOfTwo) {
  PercentileSketch sketch;
  sketch.Add(9);
  sketch.Add(4);
  EXPECT_EQ(sketch.Percentile(50), 4U);
  EXPECT_EQ(sketch.Percentile(95), 9U);
}

TEST(PercentileSketch, LetsOneOutlierInTwentyGo) {
  PercentileSketch sketch;
  for (int i = 0; i < 19; ++i) sketch.Add(3);
  sketch.Add(20);
  EXPECT_EQ(sketch.Percentile(95), 3U);
  sketch.Add(20);
  EXPECT_EQ(sketch.Percentile(95), 20U);
}

TEST(PercentileSketch, LeavesOutWhatIsNoBucket) {
  PercentileSketch sketch;
  sketch.Add(kMaxBuckets);
  EXPECT_EQ(sketch.total(), 0U);
  sketch.Add(kMaxBuckets - 1);
  EXPECT_EQ(sketch.Percentile(1), kMaxBuckets - 1);
}

}  // namespace
}  // namespace flotilla::schema
