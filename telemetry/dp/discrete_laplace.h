#ifndef FLOTILLA_TELEMETRY_DP_DISCRETE_LAPLACE_H_
#define FLOTILLA_TELEMETRY_DP_DISCRETE_LAPLACE_H_

#include "base/random.h"
#include "telemetry/dp/ratio.h"

namespace flotilla::dp {

// A whole number y with exactly the probability (e^(1/b) - 1) / (e^(1/b) + 1) * e^(-|y|/b), b being
// `scale` > 0; 0 for a scale of 0. Algorithm 2 of arXiv 2004.00010.
BigInt SampleDiscreteLaplace(const Ratio& scale, Random& random);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_DISCRETE_LAPLACE_H_
