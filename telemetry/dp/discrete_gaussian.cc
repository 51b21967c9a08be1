#include "telemetry/dp/discrete_gaussian.h"

#include "telemetry/dp/bernoulli.h"
#include "telemetry/dp/discrete_laplace.h"

namespace flotilla::dp {

BigInt SampleDiscreteGaussian(const Ratio& sigma, Random& random) {
  if (sigma.IsZero()) {
    return 0;
  }
  const BigInt t = sigma.Floor() + 1;
  const BigInt n2 = sigma.numerator() * sigma.numerator();
  const BigInt d2 = sigma.denominator() * sigma.denominator();
  const Ratio laplace_scale(t, 1);
  while (true) {
    BigInt y = SampleDiscreteLaplace(laplace_scale, random);
    // y stays with probability exp(-(|y| - sigma^2 / t)^2 / (2 sigma^2)), which is, over n2 / d2,
    // exp(-(|y| d2 t - n2)^2 / (2 n2 d2 t^2)).
    const BigInt distance = boost::multiprecision::abs(y) * d2 * t - n2;
    if (SampleBernoulliExp(Ratio(distance * distance, 2 * n2 * d2 * t * t), random)) {
      return y;
    }
  }
}

}  // namespace flotilla::dp
