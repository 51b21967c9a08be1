// Polynomials given by their values at the n-th roots of unity (the Lagrange basis of
// draft-irtf-cfrg-vdaf-18 section 6.1.3), never turned into coefficients where that is not needed.
#ifndef FLOTILLA_TELEMETRY_VDAF_LAGRANGE_H_
#define FLOTILLA_TELEMETRY_VDAF_LAGRANGE_H_

#include <cstddef>
#include <span>
#include <vector>

#include "telemetry/vdaf/ntt.h"

namespace flotilla::vdaf {

// What each value weighs in p(x): p(x) = sum of values[i] * weights[i]. The i-th Lagrange
// polynomial is the product of (x - w^j) over all j but i, times w^i / n; no division, so every x
// will do.
template <typename Field>
std::vector<Field> LagrangeWeights(const Ntt<Field>& nodes, Field x) {
  const std::span<const Field> roots = nodes.roots();
  std::vector<Field> weights(roots.size());
  Field before = nodes.scale();
  for (std::size_t i = 0; i < roots.size(); ++i) {
    weights[i] = before * roots[i];
    before *= x - roots[i];
  }
  Field after = Field::FromUint(1);
  for (std::size_t i = roots.size(); i-- > 0;) {
    weights[i] *= after;
    after *= x - roots[i];
  }
  return weights;
}

// The value at w^(n-1) of a polynomial of degree below n - 1, of which `values` holds those at w^0
// to w^(n-2). Its coefficient of x^(n-1) is 0, and that is the sum of values[i] * w^i over n.
template <typename Field>
Field LastValue(const Ntt<Field>& nodes, std::span<const Field> values) {
  Field sum;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * nodes.roots()[i];
  return Field() - sum * nodes.roots()[1];
}

}  // namespace flotilla::vdaf

#endif  // FLOTILLA_TELEMETRY_VDAF_LAGRANGE_H_
