#include "telemetry/dp/bernoulli.h"

#include "telemetry/dp/uniform.h"

namespace flotilla::dp {

// The parity of the first k at which a coin of gamma / k falls.
bool SampleBernoulliExpToOne(const Ratio& gamma, Random& random) {
  BigInt k = 1;
  while (SampleBernoulli(Ratio(gamma.numerator(), gamma.denominator() * k), random)) {
    ++k;
  }
  return k % 2 == 1;
}

bool SampleBernoulli(const Ratio& p, Random& random) {
  return UniformBelow(p.denominator(), random) + 1 <= p.numerator();
}

bool SampleBernoulliExp(const Ratio& gamma, Random& random) {
  const Ratio one(1, 1);
  const BigInt whole = gamma.Floor();
  for (BigInt i = 0; i < whole; ++i) {
    if (!SampleBernoulliExpToOne(one, random)) {
      return false;
    }
  }
  return SampleBernoulliExpToOne(
      Ratio(gamma.numerator() - whole * gamma.denominator(), gamma.denominator()), random);
}

}  // namespace flotilla::dp
