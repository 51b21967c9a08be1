// One health metric: a histogram of at most 32 buckets, of which a device votes for one in a
// window.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_METRIC_H_
#define FLOTILLA_TELEMETRY_SCHEMA_METRIC_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace flotilla::schema {

inline constexpr std::uint32_t kMaxBuckets = 32;

// Stable numbers: they travel and are never used again for something else.
enum class MetricId : std::uint32_t {
  kUnspecified = 0,
  kGateVerdict = 1,
  kTtftP95 = 2,
  kRequestP95 = 3,
  kDecodeTpsP50 = 4,
  kMemHighWater = 5,
  kTempMax = 6,
  kThrottleShare = 7,
  kCrashClass = 8,
  kCrashCount = 9,
  kJoulesPerKtoken = 10,
  kOutcomeGoodShare = 11,
  kUsageBand = 12,
};
inline constexpr std::size_t kMetricCount = 12;

enum class Switch { kUnspecified = 0, kOff, kOn };

// To which of two neighbours a value that is exactly an edge belongs.
enum class EdgeBelongs { kUnspecified = 0, kToTheBucketAbove, kToTheBucketBelow };
// Whether the value 0 has a bucket of its own, the first, or shares one with small values.
enum class ZeroBucket { kUnspecified = 0, kShared, kOwn };

// The order of buckets: that of 0 when it has its own; those of values, one more than edges; the
// named ones. An enumeration has named ones alone, its enumerators in order.
struct Metric {
  MetricId id = MetricId::kUnspecified;
  std::string_view name{};
  // Rises with any change of reduction or buckets.
  std::uint32_t version = 1;
  std::string_view reduction{};  // a line for people
  std::string_view unit{};       // of edges and values; empty for counts and enumerations
  Switch unless_told = Switch::kOn;
  std::span<const double> edges{};  // ascending
  EdgeBelongs edge_belongs = EdgeBelongs::kToTheBucketAbove;
  ZeroBucket zero = ZeroBucket::kShared;
  // A value outside is no measurement and is refused.
  double lowest = 0;
  double highest = std::numeric_limits<double>::max();
  std::span<const std::string_view> named{};

  constexpr bool has_values() const { return !edges.empty(); }
  // Those of values and of 0: the index of the first named bucket.
  constexpr std::uint32_t value_buckets() const {
    if (edges.empty()) return 0;
    return static_cast<std::uint32_t>(edges.size()) + 1 + (zero == ZeroBucket::kOwn ? 1 : 0);
  }
  constexpr std::uint32_t buckets() const {
    return value_buckets() + static_cast<std::uint32_t>(named.size());
  }
  // Index of the bucket of this name; buckets() when there is none.
  constexpr std::uint32_t NamedBucket(std::string_view bucket_name) const {
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (named[i] == bucket_name) return value_buckets() + static_cast<std::uint32_t>(i);
    }
    return buckets();
  }
};

// Names of buckets that the reductions ask for.
inline constexpr std::string_view kNoDataBucket = "no-data";
inline constexpr std::string_view kNoSensorBucket = "no-sensor";
inline constexpr std::string_view kTooFewBucket = "too-few";
inline constexpr std::string_view kOutOfMemoryBucket = "oom";

// The bucket of a value in the metric's unit. INVALID_ARGUMENT: NaN, infinite, below `lowest`,
// above `highest`, or the metric has no values.
StatusOr<std::uint32_t> BucketOf(const Metric& metric, double value);

// What people read: "< 63", "63 to < 79.38", "> 50 to 60", ">= 8077", "no-data". Numbers have four
// significant digits, from 1,000 on all before the point. Empty when there is no such bucket.
std::string BucketLabel(const Metric& metric, std::uint32_t bucket);

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_METRIC_H_
