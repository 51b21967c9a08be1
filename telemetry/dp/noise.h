// The noise of one published histogram: which, how much, and drawing it.
#ifndef FLOTILLA_TELEMETRY_DP_NOISE_H_
#define FLOTILLA_TELEMETRY_DP_NOISE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/status.h"

namespace flotilla::dp {

enum class Mechanism : std::uint8_t {
  kUnspecified = 0,
  kDiscreteLaplace = 1,
  kDiscreteGaussian = 2
};

// An exact fraction: the samplers take nothing that was rounded.
struct Fraction {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;

  friend bool operator==(const Fraction&, const Fraction&) = default;
};

// Part of a task's configuration, which device and helper authenticate.
struct NoisePolicy {
  Mechanism mechanism = Mechanism::kUnspecified;
  Fraction parameter;       // epsilon of one report (Laplace) or sigma (Gaussian)
  std::uint32_t looks = 1;  // windows of the task that may be collected; a device pays for each

  friend bool operator==(const NoisePolicy&, const NoisePolicy&) = default;
};

// A device that votes for another bucket moves one count down and one up.
inline constexpr std::uint64_t kHistogramL1Sensitivity = 2;

// INVALID_ARGUMENT: no mechanism, epsilon outside [1/1000, 8], sigma outside [1, 10^6], a fraction
// whose parts exceed 10^9, or looks outside [1, 16].
Status CheckPolicy(const NoisePolicy& policy);

// One independent value for each of `buckets` counts: discrete Laplace of scale 2 / epsilon, or
// discrete Gaussian of sigma. Each aggregator adds its own, so that one honest one suffices. To be
// drawn once for a collection and stored before the answer leaves. Errors as of CheckPolicy.
StatusOr<std::vector<std::int64_t>> DrawNoise(const NoisePolicy& policy, std::size_t buckets,
                                              Random& random);

// Variance of one value, to within 1 % (for intervals and plans, never for privacy). The policy is
// valid.
double NoiseVariance(const NoisePolicy& policy);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_NOISE_H_
