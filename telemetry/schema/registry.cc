#include "telemetry/schema/registry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "telemetry/schema/metric.h"

namespace flotilla::schema {
namespace {

// first, first * factor, ... At compile time, so every machine has the same bits.
template <std::size_t kEdges>
constexpr std::array<double, kEdges> LogEdges(double first, double factor) {
  std::array<double, kEdges> edges{};
  double edge = first;
  for (double& place : edges) {
    place = edge;
    edge *= factor;
  }
  return edges;
}

// Without a bucket for values that are under the first step, the first step takes them.
constexpr auto kTtftMillis = LogEdges<22>(50 * 1.26, 1.26);
constexpr auto kRequestMillis = LogEdges<22>(100 * 1.4, 1.4);
constexpr auto kDecodeTps = LogEdges<22>(0.5, 1.25);
constexpr std::array<double, 9> kMemPercent = {50, 60, 70, 75, 80, 85, 90, 95, 100};
constexpr std::array<double, 10> kTempCelsius = {45, 50, 55, 60, 65, 70, 75, 80, 85, 90};
constexpr std::array<double, 5> kThrottlePercent = {1, 5, 10, 25, 50};
constexpr std::array<double, 5> kCrashes = {1, 2, 3, 5, 10};
constexpr auto kJoules = LogEdges<22>(0.1 * 1.3, 1.3);
constexpr std::array<double, 9> kDecilePercent = {10, 20, 30, 40, 50, 60, 70, 80, 90};
constexpr std::array<double, 6> kPrompts = {10, 100, 1'000, 10'000, 100'000, 1'000'000};

constexpr std::array<std::string_view, 5> kVerdictNames = {"better", "same", "worse", "failed",
                                                           kNoDataBucket};
constexpr std::array<std::string_view, 10> kCrashNames = {
    "none",      "oom-kill",  "segv", "abort",   "watchdog",
    "gpu-reset", "load-fail", "disk", "thermal", "other"};
constexpr std::array<std::string_view, 1> kNoDataName = {kNoDataBucket};
constexpr std::array<std::string_view, 1> kNoSensorName = {kNoSensorBucket};
constexpr std::array<std::string_view, 2> kMemNames = {kOutOfMemoryBucket, kNoDataBucket};
constexpr std::array<std::string_view, 2> kOutcomeNames = {kTooFewBucket, kNoDataBucket};

constexpr std::array<Metric, kMetricCount> kMetrics = {{
    {.id = MetricId::kGateVerdict,
     .name = "gate_verdict",
     .reduction = "this device on the new release against itself on the one before",
     .named = kVerdictNames},
    {.id = MetricId::kTtftP95,
     .name = "ttft_p95_ms",
     .reduction = "95th percentile of the time to the first token",
     .unit = "ms",
     .edges = kTtftMillis,
     .named = kNoDataName},
    {.id = MetricId::kRequestP95,
     .name = "request_p95_ms",
     .reduction = "95th percentile of the time of a whole request",
     .unit = "ms",
     .edges = kRequestMillis,
     .named = kNoDataName},
    {.id = MetricId::kDecodeTpsP50,
     .name = "decode_tps_p50",
     .reduction = "median over the requests of their decode speed",
     .unit = "tokens/s",
     .edges = kDecodeTps,
     .named = kNoDataName},
    {.id = MetricId::kMemHighWater,
     .name = "mem_high_water",
     .reduction = "largest share of the memory budget that was resident",
     .unit = "%",
     .edges = kMemPercent,
     .edge_belongs = EdgeBelongs::kToTheBucketBelow,
     .named = kMemNames},
    {.id = MetricId::kTempMax,
     .name = "temp_max_c",
     .reduction = "highest temperature",
     .unit = "degrees C",
     .edges = kTempCelsius,
     .lowest = -60,
     .highest = 200,
     .named = kNoSensorName},
    {.id = MetricId::kThrottleShare,
     .name = "throttle_share",
     .reduction = "share of the busy time in which the processor was throttled",
     .unit = "%",
     .edges = kThrottlePercent,
     .zero = ZeroBucket::kOwn,
     .highest = 100,
     .named = kNoDataName},
    {.id = MetricId::kCrashClass,
     .name = "crash_class",
     .reduction = "worst crash of an engine",
     .named = kCrashNames},
    {.id = MetricId::kCrashCount,
     .name = "crash_count",
     .reduction = "crashes of an engine",
     .edges = kCrashes},
    {.id = MetricId::kJoulesPerKtoken,
     .name = "joules_per_ktoken",
     .reduction = "energy over the tokens made, times 1,000",
     .unit = "J",
     .edges = kJoules,
     .named = kNoSensorName},
    {.id = MetricId::kOutcomeGoodShare,
     .name = "outcome_good_share",
     .reduction = "share of answers that the local application marked solved",
     .unit = "%",
     .edges = kDecilePercent,
     .highest = 100,
     .named = kOutcomeNames},
    {.id = MetricId::kUsageBand,
     .name = "usage_band",
     .reduction = "prompts served",
     .unless_told = Switch::kOff,
     .edges = kPrompts,
     .named = kNoDataName},
}};

constexpr bool TableIsSound() {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    const Metric& metric = kMetrics[i];
    if (static_cast<std::size_t>(metric.id) != i + 1) return false;
    if (metric.buckets() < 2 || metric.buckets() > kMaxBuckets) return false;
    for (std::size_t edge = 1; edge < metric.edges.size(); ++edge) {
      if (metric.edges[edge - 1] >= metric.edges[edge]) return false;
    }
  }
  return true;
}
static_assert(TableIsSound(), "ids from 1 on in order, 2 to 32 buckets, ascending edges");

}  // namespace

std::span<const Metric> AllMetrics() {
  return kMetrics;
}

const Metric& MetricOf(MetricId id) {
  return kMetrics[static_cast<std::size_t>(id) - 1];
}

const Metric* FindMetric(std::uint32_t id) {
  return id >= 1 && id <= kMetricCount ? &kMetrics[id - 1] : nullptr;
}

const Metric* FindMetric(std::string_view name) {
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace flotilla::schema
