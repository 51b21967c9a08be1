#include "telemetry/schema/metric.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "base/status.h"

namespace flotilla::schema {
namespace {

std::string NumberText(double number) {
  std::array<char, 64> text{};
  const int length = number < 1000 ? std::snprintf(text.data(), text.size(), "%.4g", number)
                                   : std::snprintf(text.data(), text.size(), "%.0f", number);
  return length > 0 ? std::string(text.data()) : std::string();
}

// `interval`: 0 to edges.size(), the intervals between the edges.
std::string IntervalLabel(const Metric& metric, std::size_t interval) {
  const bool above = metric.edge_belongs == EdgeBelongs::kToTheBucketAbove;
  if (interval == 0) return (above ? "< " : "<= ") + NumberText(metric.edges.front());
  const std::string low = NumberText(metric.edges[interval - 1]);
  if (interval == metric.edges.size()) return (above ? ">= " : "> ") + low;
  const std::string high = NumberText(metric.edges[interval]);
  return above ? low + " to < " + high : "> " + low + " to " + high;
}

}  // namespace

StatusOr<std::uint32_t> BucketOf(const Metric& metric, double value) {
  if (!metric.has_values()) {
    return InvalidArgument(std::string(metric.name) + " is an enumeration: it has no values");
  }
  if (!std::isfinite(value) || value < metric.lowest || value > metric.highest) {
    return InvalidArgument(std::string(metric.name) + ": not a measurement");
  }
  const bool own_zero = metric.zero == ZeroBucket::kOwn;
  if (own_zero && value == 0) return 0U;
  const auto edge = metric.edge_belongs == EdgeBelongs::kToTheBucketAbove
                        ? std::upper_bound(metric.edges.begin(), metric.edges.end(), value)
                        : std::lower_bound(metric.edges.begin(), metric.edges.end(), value);
  return static_cast<std::uint32_t>(edge - metric.edges.begin()) + (own_zero ? 1U : 0U);
}

std::string BucketLabel(const Metric& metric, std::uint32_t bucket) {
  if (bucket >= metric.buckets()) return {};
  if (bucket >= metric.value_buckets()) {
    return std::string(metric.named[bucket - metric.value_buckets()]);
  }
  if (metric.zero == ZeroBucket::kShared) return IntervalLabel(metric, bucket);
  return bucket == 0 ? "0" : IntervalLabel(metric, bucket - 1);
}

}  // namespace flotilla::schema
