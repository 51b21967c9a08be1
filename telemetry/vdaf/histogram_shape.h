// The two numbers that fix a Prio3Histogram, and the one place that chooses the second by the
// first.
#ifndef FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_SHAPE_H_
#define FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_SHAPE_H_

#include <cstdint>

#include "base/status.h"

namespace flotilla::vdaf {

struct HistogramShape {
  std::uint32_t buckets = 0;       // the draft's `length`: 1 to kMaxBuckets
  std::uint32_t chunk_length = 0;  // buckets that one gadget call checks: 1 to kMaxBuckets
};

inline constexpr std::uint32_t kMaxBuckets = 65536;

// INVALID_ARGUMENT: a number is outside of its range.
Status CheckShape(const HistogramShape& shape);

// The shape whose report is the smallest; the shorter chunk of two that are as small. Both sides of
// a task must use the same: it is not negotiated. INVALID_ARGUMENT as above.
StatusOr<HistogramShape> SmallestReportShape(std::uint32_t buckets);

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_SHAPE_H_
