#include "telemetry/dp/discrete_laplace.h"

#include "telemetry/dp/bernoulli.h"
#include "telemetry/dp/uniform.h"

namespace flotilla::dp {
namespace {

// floor(x / s), x having the probabilities (1 - e^(-1/t)) e^(-x/t), for scale = t / s.
BigInt SampleMagnitude(const BigInt& t, const BigInt& s, Random& random) {
  const Ratio one(1, 1);
  BigInt u = UniformBelow(t, random);
  while (!SampleBernoulliExpToOne(Ratio(u, t), random)) {
    u = UniformBelow(t, random);
  }
  BigInt v = 0;
  while (SampleBernoulliExpToOne(one, random)) {
    ++v;
  }
  return (u + t * v) / s;
}

}  // namespace

BigInt SampleDiscreteLaplace(const Ratio& scale, Random& random) {
  if (scale.IsZero()) {
    return 0;
  }
  const Ratio half(1, 2);
  while (true) {
    const bool negative = SampleBernoulli(half, random);
    const BigInt magnitude = SampleMagnitude(scale.numerator(), scale.denominator(), random);
    if (!negative || !magnitude.is_zero()) {  // 0 has one sign, else it came up twice as often
      return negative ? -magnitude : magnitude;
    }
  }
}

}  // namespace flotilla::dp
