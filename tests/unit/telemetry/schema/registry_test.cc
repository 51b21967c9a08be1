#include "telemetry/schema/registry.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "telemetry/schema/metric.h"
#include "telemetry/schema/verdicts.h"

namespace flotilla::schema {
namespace {

TEST(MetricRegistry, HasEveryMetricOnceByAscendingId) {
  std::set<std::string> names;
  ASSERT_EQ(AllMetrics().size(), kMetricCount);
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(AllMetrics()[i].id), i + 1);
    EXPECT_TRUE(names.insert(std::string(AllMetrics()[i].name)).second);
    EXPECT_GE(AllMetrics()[i].version, 1U);
    EXPECT_FALSE(AllMetrics()[i].reduction.empty());
  }
}

TEST(MetricRegistry, HasAsManyBucketsAsTheDesignSays) {
  const std::map<std::string, std::uint32_t> buckets = {
      {"gate_verdict", 5},    {"ttft_p95_ms", 24},       {"request_p95_ms", 24},
      {"decode_tps_p50", 24}, {"mem_high_water", 12},    {"temp_max_c", 12},
      {"throttle_share", 8},  {"crash_class", 10},       {"crash_count", 6},
      {"usage_band", 8},      {"joules_per_ktoken", 24}, {"outcome_good_share", 12}};
  ASSERT_EQ(buckets.size(), kMetricCount);
  for (const auto& [name, count] : buckets) {
    const Metric* const metric = FindMetric(name);
    ASSERT_NE(metric, nullptr) << name;
    EXPECT_EQ(metric->buckets(), count) << name;
    EXPECT_LE(metric->buckets(), kMaxBuckets) << name;
  }
}

TEST(MetricRegistry, TurnsOnlyUsageOffUnlessTheOwnerTurnsItOn) {
  for (const Metric& metric : AllMetrics()) {
    EXPECT_EQ(metric.unless_told, metric.id == MetricId::kUsageBand ? Switch::kOff : Switch::kOn)
        << metric.name;
  }
}

TEST(MetricRegistry, FindsByIdAndByName) {
  for (const Metric& metric : AllMetrics()) {
    EXPECT_EQ(FindMetric(static_cast<std::uint32_t>(metric.id)), &metric);
    EXPECT_EQ(FindMetric(metric.name), &metric);
    EXPECT_EQ(&MetricOf(metric.id), &metric);
  }
  EXPECT_EQ(FindMetric(0U), nullptr);
  EXPECT_EQ(FindMetric(static_cast<std::uint32_t>(kMetricCount + 1)), nullptr);
  EXPECT_EQ(FindMetric("ttft"), nullptr);
  EXPECT_EQ(FindMetric(""), nullptr);
}

TEST(MetricRegistry, NumbersEnumerationsByTheirBucket) {
  const Metric& gate = MetricOf(MetricId::kGateVerdict);
  EXPECT_EQ(gate.NamedBucket("better"), static_cast<std::uint32_t>(GateVerdict::kBetter));
  EXPECT_EQ(gate.NamedBucket("same"), static_cast<std::uint32_t>(GateVerdict::kSame));
  EXPECT_EQ(gate.NamedBucket("worse"), static_cast<std::uint32_t>(GateVerdict::kWorse));
  EXPECT_EQ(gate.NamedBucket("failed"), static_cast<std::uint32_t>(GateVerdict::kFailed));
  EXPECT_EQ(gate.NamedBucket("no-data"), static_cast<std::uint32_t>(GateVerdict::kNoData));
  const std::map<std::string, CrashClass> crashes = {
      {"none", CrashClass::kNone},          {"oom-kill", CrashClass::kOomKill},
      {"segv", CrashClass::kSegv},          {"abort", CrashClass::kAbort},
      {"watchdog", CrashClass::kWatchdog},  {"gpu-reset", CrashClass::kGpuReset},
      {"load-fail", CrashClass::kLoadFail}, {"disk", CrashClass::kDisk},
      {"thermal", CrashClass::kThermal},    {"other", CrashClass::kOther}};
  const Metric& crash_class = MetricOf(MetricId::kCrashClass);
  ASSERT_EQ(crashes.size(), crash_class.buckets());
  for (const auto& [name, crash] : crashes) {
    EXPECT_EQ(crash_class.NamedBucket(name), static_cast<std::uint32_t>(crash)) << name;
  }
}

TEST(MetricRegistry, PutsWhatWasNotSeenLast) {
  for (const Metric& metric : AllMetrics()) {
    if (metric.id == MetricId::kCrashClass || metric.id == MetricId::kCrashCount) continue;
    const std::string last = BucketLabel(metric, metric.buckets() - 1);
    EXPECT_TRUE(last == kNoDataBucket || last == kNoSensorBucket) << metric.name << ": " << last;
  }
}

}  // namespace
}  // namespace flotilla::schema
