#include "telemetry/vdaf/histogram_shape.h"

#include <cstddef>
#include <string>

#include "telemetry/vdaf/parallel_sum.h"

namespace flotilla::vdaf {
namespace {

// Field elements of a proof; all else of a report does not depend on the chunk.
std::size_t ProofLength(std::uint32_t buckets, std::uint32_t chunk_length) {
  const ParallelSum gadget{.products = chunk_length,
                           .calls = (buckets + chunk_length - 1) / chunk_length};
  return gadget.arity() + gadget.output_values();
}

}  // namespace

Status CheckShape(const HistogramShape& shape) {
  const bool fits = shape.buckets >= 1 && shape.buckets <= kMaxBuckets && shape.chunk_length >= 1 &&
                    shape.chunk_length <= kMaxBuckets;
  if (fits) return OkStatus();
  return InvalidArgument("a histogram of " + std::to_string(shape.buckets) +
                         " buckets in chunks of " + std::to_string(shape.chunk_length) +
                         ": both must be 1 to " + std::to_string(kMaxBuckets));
}

StatusOr<HistogramShape> SmallestReportShape(std::uint32_t buckets) {
  HistogramShape best{.buckets = buckets, .chunk_length = 1};
  FLOTILLA_RETURN_IF_ERROR(CheckShape(best));
  for (std::uint32_t chunk_length = 2; chunk_length <= buckets; ++chunk_length) {
    if (ProofLength(buckets, chunk_length) < ProofLength(buckets, best.chunk_length)) {
      best.chunk_length = chunk_length;
    }
  }
  return best;
}

}  // namespace flotilla::vdaf
