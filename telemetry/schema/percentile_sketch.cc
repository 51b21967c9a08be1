#include "telemetry/schema/percentile_sketch.h"

#include <cstdint>
#include <optional>

namespace flotilla::schema {

StatusOr<PercentileSketch> PercentileSketch::FromCounts(const Counts& counts) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 48U;
  PercentileSketch sketch;
  for (const std::uint64_t count : counts) {
    if (count > kMost) {
      return InvalidArgument("more values than a window has");
    }
    sketch.total_ += count;
  }
  sketch.counts_ = counts;
  return sketch;
}

void PercentileSketch::Add(std::uint32_t bucket) {
  if (bucket >= counts_.size()) return;
  ++counts_[bucket];
  ++total_;
}

std::optional<std::uint32_t> PercentileSketch::Percentile(std::uint32_t percent) const {
  if (total_ == 0) return std::nullopt;
  // In two parts: the product of a large total would not fit.
  const std::uint64_t rank = total_ / 100 * percent + (total_ % 100 * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (std::uint32_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank && counts_[bucket] > 0) return bucket;
  }
  return std::nullopt;
}

}  // namespace flotilla::schema
