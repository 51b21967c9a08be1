// The fully linear proof of draft-irtf-cfrg-vdaf-18 section 7.3 (FlpBBCGGI19): a prover shows that
// a measurement satisfies a circuit; every verifier looks at one additive share of measurement and
// proof, and the sum of what they see decides.
#ifndef FLOTILLA_TELEMETRY_VDAF_FLP_H_
#define FLOTILLA_TELEMETRY_VDAF_FLP_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "telemetry/vdaf/lagrange.h"
#include "telemetry/vdaf/ntt.h"
#include "telemetry/vdaf/parallel_sum.h"

namespace flotilla::vdaf {

// `Circuit` is CountCircuit or HistogramCircuit. Thread-safe once made. Spans have the sizes that
// the accessors name. The time of Prove and Query does not depend on the measurement or its shares.
template <typename Circuit>
class Flp {
 public:
  using Field = typename Circuit::Field;

  explicit Flp(Circuit circuit)
      : circuit_(std::move(circuit)),
        gadget_(circuit_.gadget()),
        wire_nodes_(gadget_.wire_points()),
        output_nodes_(2 * gadget_.wire_points()) {}

  const Circuit& circuit() const { return circuit_; }
  // Numbers of field elements.
  std::size_t prove_randomness_length() const { return gadget_.arity(); }
  std::size_t query_randomness_length() const { return circuit_.reduction_length() + 1; }
  std::size_t proof_length() const { return gadget_.arity() + gadget_.output_values(); }
  std::size_t verifier_length() const { return gadget_.arity() + 2; }

  // The proof for a whole measurement (the circuit is that of one share): a random value for each
  // wire, then the gadget's polynomial by its values at all but one of the roots of unity.
  std::vector<Field> Prove(std::span<const Field> measurement, std::span<const Field> randomness,
                           std::span<const Field> joint) const {
    const std::vector<Field> wires = Wires(measurement, randomness, joint);
    std::vector<Field> outputs(output_nodes_.size());
    const std::size_t arity = gadget_.arity();
    for (std::size_t k = 0; k < wire_nodes_.size(); ++k) {
      outputs[2 * k] = SumOfProducts(std::span(wires).subspan(k * arity, arity));
    }
    for (std::size_t j = 0; j < arity; j += 2) {
      const std::vector<Field> left = ValuesBetween(wires, j);
      const std::vector<Field> right = ValuesBetween(wires, j + 1);
      for (std::size_t k = 0; k < left.size(); ++k) outputs[2 * k + 1] += left[k] * right[k];
    }
    std::vector<Field> proof(randomness.begin(), randomness.end());
    proof.insert(proof.end(), outputs.begin(), outputs.end() - 1);
    return proof;
  }

  // One share of the verifier: the circuit's output, then wires and output of the gadget at a
  // random point. INVALID_ARGUMENT: the point is one of those that the measurement stands at, so
  // the answer would show it. Does not happen by chance.
  StatusOr<std::vector<Field>> Query(std::span<const Field> measurement,
                                     std::span<const Field> proof,
                                     std::span<const Field> randomness,
                                     std::span<const Field> joint) const {
    const std::size_t arity = gadget_.arity();
    const Field point = randomness.back();
    if (Power(point, wire_nodes_.size()) == Field::FromUint(1)) {
      return InvalidArgument("the query's point is a root of unity");
    }
    const std::vector<Field> wires = Wires(measurement, proof.first(arity), joint);
    const std::span<const Field> values = proof.subspan(arity);
    std::vector<Field> outputs(gadget_.calls);
    for (std::size_t k = 0; k < outputs.size(); ++k) outputs[k] = values[2 * k + 2];

    std::vector<Field> verifier(verifier_length());
    verifier.front() =
        circuit_.Reduce(measurement, outputs, randomness.first(circuit_.reduction_length()));
    const std::vector<Field> wire_weights = LagrangeWeights(wire_nodes_, point);
    for (std::size_t k = 0; k <= gadget_.calls; ++k) {
      for (std::size_t j = 0; j < arity; ++j) {
        verifier[1 + j] += wire_weights[k] * wires[k * arity + j];
      }
    }
    const std::vector<Field> weights = LagrangeWeights(output_nodes_, point);
    verifier.back() = weights.back() * LastValue(output_nodes_, values);
    for (std::size_t i = 0; i < values.size(); ++i) verifier.back() += weights[i] * values[i];
    return verifier;
  }

  // Whether the sum of all shares of the verifier is that of a valid measurement.
  bool Decide(std::span<const Field> verifier) const {
    const Field expected = SumOfProducts(verifier.subspan(1, gadget_.arity()));
    const bool valid = verifier.front() == Field();
    const bool consistent = expected == verifier.back();
    return valid && consistent;
  }

 private:
  // Row k holds the wires at w^k: row 0 the random ones, then one row a call; then zeros.
  std::vector<Field> Wires(std::span<const Field> measurement, std::span<const Field> randomness,
                           std::span<const Field> joint) const {
    const std::size_t arity = gadget_.arity();
    std::vector<Field> wires(arity * wire_nodes_.size());
    std::copy(randomness.begin(), randomness.end(), wires.begin());
    circuit_.FillCalls(measurement, joint, std::span(wires).subspan(arity, arity * gadget_.calls));
    return wires;
  }

  // The polynomial of wire j at those 2n-th roots of unity that are no n-th roots.
  std::vector<Field> ValuesBetween(std::span<const Field> wires, std::size_t j) const {
    std::vector<Field> values(wire_nodes_.size());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = wires[k * gadget_.arity() + j];
    wire_nodes_.Backward(values);
    for (std::size_t i = 1; i < values.size(); ++i) values[i] *= output_nodes_.roots()[i];
    wire_nodes_.Forward(values);
    return values;
  }

  Circuit circuit_;
  ParallelSum gadget_;
  Ntt<Field> wire_nodes_;
  Ntt<Field> output_nodes_;
};

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_FLP_H_
