#ifndef FLOTILLA_TELEMETRY_DP_UNIFORM_H_
#define FLOTILLA_TELEMETRY_DP_UNIFORM_H_

#include "base/random.h"
#include "telemetry/dp/ratio.h"

namespace flotilla::dp {

// Uniform in [0, below), `below` > 0, without bias. One candidate takes ceil(b / 32) little-endian
// 32-bit words, b being the bit length of `below`; the last word keeps its upper bits, so that the
// candidate has b bits; a candidate that is not below is dropped. This order of random bytes is
// what other implementations' vectors are made with.
BigInt UniformBelow(const BigInt& below, Random& random);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_UNIFORM_H_
