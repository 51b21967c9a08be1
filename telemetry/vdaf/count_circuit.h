// The validity circuit of Prio3Count (draft-irtf-cfrg-vdaf-18 section 7.4.1): x * x = x, so x is 0
// or 1.
#ifndef FLOTILLA_TELEMETRY_VDAF_COUNT_CIRCUIT_H_
#define FLOTILLA_TELEMETRY_VDAF_COUNT_CIRCUIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "telemetry/vdaf/field64.h"
#include "telemetry/vdaf/parallel_sum.h"

namespace flotilla::vdaf {

// See HistogramCircuit for the contract of the members, which Flp calls.
class CountCircuit {
 public:
  using Field = Field64;
  static constexpr std::uint32_t kAlgorithmId = 1;

  std::size_t measurement_length() const { return 1; }
  std::size_t joint_randomness_length() const { return 0; }
  std::size_t reduction_length() const { return 0; }
  ParallelSum gadget() const { return {.products = 1, .calls = 1}; }

  StatusOr<std::vector<Field>> Encode(std::uint32_t measurement) const {
    if (measurement > 1) return InvalidArgument("a measurement of Prio3Count is 0 or 1");
    return std::vector<Field>{Field::FromUint(measurement)};
  }

  void FillCalls(std::span<const Field> measurement, std::span<const Field> /*joint*/,
                 std::span<Field> wires) const {
    wires[0] = measurement[0];
    wires[1] = measurement[0];
  }

  Field Reduce(std::span<const Field> measurement, std::span<const Field> outputs,
               std::span<const Field> /*reduction*/) const {
    return outputs[0] - measurement[0];
  }
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_COUNT_CIRCUIT_H_
