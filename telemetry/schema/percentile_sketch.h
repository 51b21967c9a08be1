#ifndef FLOTILLA_TELEMETRY_SCHEMA_PERCENTILE_SKETCH_H_
#define FLOTILLA_TELEMETRY_SCHEMA_PERCENTILE_SKETCH_H_

#include <cstdint>

#include <array>
#include <optional>

#include "base/status.h"
#include "telemetry/schema/metric.h"

namespace flotilla::schema {

// How many values fell into each bucket. The bucket of a percentile is exact, since values and
// their buckets have one order; which value it was is not kept. Of constant size whatever is added.
class PercentileSketch {
 public:
  using Counts = std::array<std::uint64_t, kMaxBuckets>;

  // INVALID_ARGUMENT: more than 2^48 values in a bucket.
  static StatusOr<PercentileSketch> FromCounts(const Counts& counts);
  const Counts& counts() const { return counts_; }

  // `bucket` < kMaxBuckets; a larger one is left out.
  void Add(std::uint32_t bucket);

  std::uint64_t total() const { return total_; }

  // The bucket of the value of rank ceil(total * percent / 100) in ascending order (nearest rank;
  // the lower median for 50). `percent` is 1 to 100. nullopt: nothing was added.
  std::optional<std::uint32_t> Percentile(std::uint32_t percent) const;

 private:
  Counts counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_PERCENTILE_SKETCH_H_
