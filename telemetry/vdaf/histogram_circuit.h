// The validity circuit of Prio3Histogram (draft-irtf-cfrg-vdaf-18 section 7.4.4): every bucket is 0
// or 1, and they add up to 1.
#ifndef FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_CIRCUIT_H_
#define FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_CIRCUIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/histogram_shape.h"
#include "telemetry/vdaf/parallel_sum.h"

namespace flotilla::vdaf {

// Works on a whole measurement (`shares` 1) or on one of several shares of it: the constant 1 of
// the circuit is then split among the shares. Thread-safe once made. Times depend on the shape
// alone.
class HistogramCircuit {
 public:
  using Field = Field128;
  static constexpr std::uint32_t kAlgorithmId = 4;

  // `shape` has passed CheckShape; `shares` is not 0.
  HistogramCircuit(const HistogramShape& shape, std::uint32_t shares);

  // Numbers of field elements.
  std::size_t measurement_length() const { return shape_.buckets; }
  std::size_t joint_randomness_length() const { return gadget().calls; }
  std::size_t reduction_length() const { return 2; }
  ParallelSum gadget() const;

  // One bucket is 1, the others 0; all are written in the same way, so that the time does not tell
  // which. INVALID_ARGUMENT: there is no such bucket.
  StatusOr<std::vector<Field>> Encode(std::uint32_t bucket) const;

  // The wires of all gadget calls, call after call (gadget().calls * arity() elements). A share of
  // a measurement gives the same share of each wire.
  void FillCalls(std::span<const Field> measurement, std::span<const Field> joint,
                 std::span<Field> wires) const;

  // The circuit's outputs, which are 0 for a valid measurement, combined at random into one.
  // `outputs`: one of each gadget call; `reduction`: reduction_length() random elements.
  Field Reduce(std::span<const Field> measurement, std::span<const Field> outputs,
               std::span<const Field> reduction) const;

 private:
  HistogramShape shape_;
  Field share_of_one_;  // 1 / shares
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_HISTOGRAM_CIRCUIT_H_
