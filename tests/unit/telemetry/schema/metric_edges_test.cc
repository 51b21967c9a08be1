#include "telemetry/schema/metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/status.h"
#include "telemetry/schema/registry.h"

namespace flotilla::schema {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::uint32_t BucketIn(MetricId id, double value) {
  const auto bucket = BucketOf(MetricOf(id), value);
  EXPECT_TRUE(bucket.ok()) << bucket.status();
  return bucket.value_or(kMaxBuckets);
}

// The table of the design again, by another way: powers instead of products.
std::vector<double> LogScale(long double first, long double factor, int from, int to) {
  std::vector<double> edges;
  for (int i = from; i <= to; ++i) {
    edges.push_back(static_cast<double>(first * std::pow(factor, static_cast<long double>(i))));
  }
  return edges;
}

TEST(MetricEdges, AreThoseOfTheDesign) {
  const std::map<MetricId, std::vector<double>> design = {
      {MetricId::kTtftP95, LogScale(50, 1.26L, 1, 22)},
      {MetricId::kRequestP95, LogScale(100, 1.4L, 1, 22)},
      {MetricId::kDecodeTpsP50, LogScale(0.5L, 1.25L, 0, 21)},
      {MetricId::kMemHighWater, {50, 60, 70, 75, 80, 85, 90, 95, 100}},
      {MetricId::kTempMax, {45, 50, 55, 60, 65, 70, 75, 80, 85, 90}},
      {MetricId::kThrottleShare, {1, 5, 10, 25, 50}},
      {MetricId::kCrashCount, {1, 2, 3, 5, 10}},
      {MetricId::kJoulesPerKtoken, LogScale(0.1L, 1.3L, 1, 22)},
      {MetricId::kOutcomeGoodShare, {10, 20, 30, 40, 50, 60, 70, 80, 90}},
      {MetricId::kUsageBand, {10, 100, 1e3, 1e4, 1e5, 1e6}}};
  for (const Metric& metric : AllMetrics()) {
    const auto expected = design.find(metric.id);
    if (expected == design.end()) {
      EXPECT_FALSE(metric.has_values()) << metric.name;
      continue;
    }
    ASSERT_EQ(metric.edges.size(), expected->second.size()) << metric.name;
    for (std::size_t i = 0; i < metric.edges.size(); ++i) {
      EXPECT_NEAR(metric.edges[i], expected->second[i], expected->second[i] * 1e-13) << metric.name;
    }
  }
}

class MetricEdgesOf : public testing::TestWithParam<MetricId> {};

TEST_P(MetricEdgesOf, PutAValueAtAnEdgeAndItsNeighboursWhereTheTableSays) {
  const Metric& metric = MetricOf(GetParam());
  const std::uint32_t zero = metric.zero == ZeroBucket::kOwn ? 1 : 0;
  const bool above = metric.edge_belongs == EdgeBelongs::kToTheBucketAbove;
  for (std::size_t i = 0; i < metric.edges.size(); ++i) {
    const double edge = metric.edges[i];
    const auto below_it = zero + static_cast<std::uint32_t>(i);
    EXPECT_EQ(BucketIn(metric.id, std::nextafter(edge, -kInfinity)), below_it) << edge;
    EXPECT_EQ(BucketIn(metric.id, edge), above ? below_it + 1 : below_it) << edge;
    EXPECT_EQ(BucketIn(metric.id, std::nextafter(edge, kInfinity)), below_it + 1) << edge;
  }
}

TEST_P(MetricEdgesOf, TakeTheLowestAndTheHighestValueIntoTheirEndBuckets) {
  const Metric& metric = MetricOf(GetParam());
  EXPECT_EQ(BucketIn(metric.id, metric.lowest), 0U);
  EXPECT_EQ(BucketIn(metric.id, metric.highest), metric.value_buckets() - 1);
}

TEST_P(MetricEdgesOf, RefuseWhatIsNoMeasurement) {
  const Metric& metric = MetricOf(GetParam());
  const std::array<double, 6> wrong = {kNan,
                                       -kNan,
                                       kInfinity,
                                       -kInfinity,
                                       std::nextafter(metric.lowest, -kInfinity),
                                       std::nextafter(metric.highest, kInfinity)};
  for (const double value : wrong) {
    EXPECT_EQ(BucketOf(metric, value).status().code(), StatusCode::kInvalidArgument) << value;
  }
}

TEST_P(MetricEdgesOf, NeverLetABucketFallAsTheValueRises) {
  const Metric& metric = MetricOf(GetParam());
  std::uint32_t before = 0;
  double value = metric.lowest;
  while (value < std::min(metric.highest, metric.edges.back() * 2)) {
    const std::uint32_t bucket = BucketIn(metric.id, value);
    EXPECT_GE(bucket, before);
    EXPECT_LT(bucket, metric.value_buckets());
    before = bucket;
    value += metric.edges.back() / 1000;
  }
}

std::string NameOfParam(const testing::TestParamInfo<MetricId>& info) {
  return std::string(MetricOf(info.param).name);
}

INSTANTIATE_TEST_SUITE_P(EveryMetric, MetricEdgesOf,
                         testing::Values(MetricId::kTtftP95, MetricId::kRequestP95,
                                         MetricId::kDecodeTpsP50, MetricId::kMemHighWater,
                                         MetricId::kTempMax, MetricId::kThrottleShare,
                                         MetricId::kCrashCount, MetricId::kJoulesPerKtoken,
                                         MetricId::kOutcomeGoodShare, MetricId::kUsageBand),
                         NameOfParam);

TEST(MetricEdges, GiveNegativeValuesToTemperatureAlone) {
  for (const Metric& metric : AllMetrics()) {
    if (!metric.has_values()) continue;
    EXPECT_EQ(BucketOf(metric, -1).ok(), metric.id == MetricId::kTempMax) << metric.name;
  }
}

TEST(MetricEdges, GiveAnEnumerationNoValues) {
  for (const MetricId id : {MetricId::kGateVerdict, MetricId::kCrashClass}) {
    EXPECT_EQ(BucketOf(MetricOf(id), 1).status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(MetricEdges, KeepNoThrottlingApartFromALittle) {
  EXPECT_EQ(BucketIn(MetricId::kThrottleShare, 0), 0U);
  EXPECT_EQ(BucketIn(MetricId::kThrottleShare, -0.0), 0U);
  EXPECT_EQ(BucketIn(MetricId::kThrottleShare, 1e-300), 1U);
}

TEST(BucketLabel, NamesEveryBucketOnceAndNothingElse) {
  for (const Metric& metric : AllMetrics()) {
    std::map<std::string, int> labels;
    for (std::uint32_t bucket = 0; bucket < metric.buckets(); ++bucket) {
      const std::string label = BucketLabel(metric, bucket);
      EXPECT_FALSE(label.empty());
      EXPECT_EQ(labels[label]++, 0) << metric.name << ": " << label;
    }
    EXPECT_EQ(BucketLabel(metric, metric.buckets()), "");
  }
}

TEST(BucketLabel, SaysOnWhichSideAnEdgeLies) {
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kTempMax), 0), "< 45");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kTempMax), 10), ">= 90");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kMemHighWater), 0), "<= 50");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kMemHighWater), 1), "> 50 to 60");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kMemHighWater), 10), "oom");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kThrottleShare), 0), "0");
  EXPECT_EQ(BucketLabel(MetricOf(MetricId::kThrottleShare), 1), "< 1");
}

}  // namespace
}  // namespace flotilla::schema
