#include "telemetry/vdaf/histogram_circuit.h"

#include <string>

#include "telemetry/vdaf/constant_time.h"
#include "telemetry/vdaf/ntt.h"

namespace flotilla::vdaf {

HistogramCircuit::HistogramCircuit(const HistogramShape& shape, std::uint32_t shares)
    : shape_(shape), share_of_one_(Inverse(Field::FromUint(shares))) {}

ParallelSum HistogramCircuit::gadget() const {
  return {.products = shape_.chunk_length,
          .calls = (shape_.buckets + shape_.chunk_length - 1) / shape_.chunk_length};
}

StatusOr<std::vector<Field128>> HistogramCircuit::Encode(std::uint32_t bucket) const {
  if (bucket >= shape_.buckets) {
    return InvalidArgument("a histogram of " + std::to_string(shape_.buckets) +
                           " buckets has no bucket of this number");
  }
  std::vector<Field> measurement(shape_.buckets);
  for (std::uint32_t i = 0; i < shape_.buckets; ++i) {
    measurement[i] = Field::Select(MaskIfZero(i ^ bucket), Field::FromUint(1), Field());
  }
  return measurement;
}

void HistogramCircuit::FillCalls(std::span<const Field> measurement, std::span<const Field> joint,
                                 std::span<Field> wires) const {
  // x * (x - 1) is 0 for 0 and 1 alone; each bucket of a chunk has a power of the chunk's random
  // element for a factor, so that bad ones do not cancel. The last chunk is filled up with zeros.
  std::size_t index = 0;
  std::size_t at = 0;
  for (const Field& random : joint) {
    Field factor = random;
    for (std::uint32_t i = 0; i < shape_.chunk_length; ++i, ++index, at += 2) {
      const Field bucket = index < measurement.size() ? measurement[index] : Field();
      wires[at] = factor * bucket;
      wires[at + 1] = bucket - share_of_one_;
      factor *= random;
    }
  }
}

Field128 HistogramCircuit::Reduce(std::span<const Field> measurement,
                                  std::span<const Field> outputs,
                                  std::span<const Field> reduction) const {
  Field range_check;
  for (const Field& output : outputs) range_check += output;
  Field sum_check = Field() - share_of_one_;
  for (const Field& bucket : measurement) sum_check += bucket;
  return reduction[0] * range_check + reduction[1] * sum_check;
}

}  // namespace flotilla::vdaf
