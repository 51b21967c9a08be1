// The gadget of both circuits: a sum of products of two wires each (ParallelSum of Mul in
// draft-irtf-cfrg-vdaf-18 section 7.3; Mul alone is the sum of one).
#ifndef FLOTILLA_TELEMETRY_VDAF_PARALLEL_SUM_H_
#define FLOTILLA_TELEMETRY_VDAF_PARALLEL_SUM_H_

#include <bit>
#include <cstddef>
#include <span>

namespace flotilla::vdaf {

// How often a circuit calls it, and what follows for a proof.
struct ParallelSum {
  std::size_t products = 1;  // in one call
  std::size_t calls = 1;

  // Wires of one call.
  std::size_t arity() const { return 2 * products; }
  // Points that fix the polynomial of a wire: a random one, one a call, zeros up to a power of two.
  std::size_t wire_points() const { return std::bit_ceil(calls + 1); }
  // Values that fix the polynomial of the outputs, which has twice the degree.
  std::size_t output_values() const { return 2 * wire_points() - 1; }
};

template <typename Field>
Field SumOfProducts(std::span<const Field> wires) {
  Field sum;
  for (std::size_t i = 0; i < wires.size(); i += 2) sum += wires[i] * wires[i + 1];
  return sum;
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_PARALLEL_SUM_H_
