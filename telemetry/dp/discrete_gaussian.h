#ifndef FLOTILLA_TELEMETRY_DP_DISCRETE_GAUSSIAN_H_
#define FLOTILLA_TELEMETRY_DP_DISCRETE_GAUSSIAN_H_

#include "base/random.h"
#include "telemetry/dp/ratio.h"

namespace flotilla::dp {

// A whole number y with probability proportional to exactly e^(-y^2 / (2 sigma^2)); 0 for a sigma
// of 0. Algorithm 3 of arXiv 2004.00010; any size of sigma.
BigInt SampleDiscreteGaussian(const Ratio& sigma, Random& random);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_DISCRETE_GAUSSIAN_H_
