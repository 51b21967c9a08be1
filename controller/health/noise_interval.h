// How far a published count may lie from the true one.
#ifndef FLOTILLA_CONTROLLER_HEALTH_NOISE_INTERVAL_H_
#define FLOTILLA_CONTROLLER_HEALTH_NOISE_INTERVAL_H_

#include "telemetry/dp/noise.h"

namespace flotilla::controller {

// The least whole number t for which the noise of both aggregators together lies in [-t, t] with a
// probability of at least 95 %. `policy` is valid. Discrete Laplace: by the exact probabilities of
// the sum of two; discrete Gaussian: by the continuous one of the summed variance, which its sum
// resembles to far more digits than are shown (sigma is 1 at least). Pure.
double Interval95(const dp::NoisePolicy& policy);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_NOISE_INTERVAL_H_
