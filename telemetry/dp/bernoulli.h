// Biased coins: algorithm 1 of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential
// Privacy" (arXiv 2004.00010).
#ifndef FLOTILLA_TELEMETRY_DP_BERNOULLI_H_
#define FLOTILLA_TELEMETRY_DP_BERNOULLI_H_

#include "base/random.h"
#include "telemetry/dp/ratio.h"

namespace flotilla::dp {

// True with exactly probability `p` <= 1.
bool SampleBernoulli(const Ratio& p, Random& random);
// True with exactly probability exp(-gamma), gamma <= 1.
bool SampleBernoulliExpToOne(const Ratio& gamma, Random& random);
// The same for any gamma. Takes about gamma rounds before it says true.
bool SampleBernoulliExp(const Ratio& gamma, Random& random);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_BERNOULLI_H_
