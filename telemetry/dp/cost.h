// What reports cost a device: pure epsilon of Laplace noise, and rho of zero-concentrated
// differential privacy (zCDP) of Gaussian noise. Whole numbers of tiny units, always rounded up.
#ifndef FLOTILLA_TELEMETRY_DP_COST_H_
#define FLOTILLA_TELEMETRY_DP_COST_H_

#include <cstdint>

#include "base/status.h"
#include "telemetry/dp/noise.h"

namespace flotilla::dp {

inline constexpr double kDelta = 1e-6;
inline constexpr std::uint64_t kNanoEpsilon = 1'000'000'000;  // units of an epsilon of 1
inline constexpr std::uint64_t kPicoRho = 1'000'000'000'000;  // units of a rho of 1

struct PrivacyCost {
  std::uint64_t nano_epsilon = 0;  // of the Laplace part
  std::uint64_t pico_rho = 0;      // of the Gaussian part

  friend bool operator==(const PrivacyCost&, const PrivacyCost&) = default;
};

// Composition: both parts add up. Saturates instead of wrapping.
PrivacyCost operator+(const PrivacyCost& a, const PrivacyCost& b);

// Of one report under `policy`: epsilon, or rho = 1 / sigma^2 (a vote moves two counts by one, so
// the squared L2 sensitivity is 2, and rho = 2 / (2 sigma^2)). Errors as of CheckPolicy.
StatusOr<PrivacyCost> CostOf(const NoisePolicy& policy);

// The smallest epsilon for which rho-zCDP implies (epsilon, delta)-DP by
//   min over alpha > 1 of  rho alpha + ln(1 / (alpha delta)) / (alpha - 1) + ln(1 - 1 / alpha)
// (arXiv 2004.00010, section 2.3). Every alpha gives a true bound; the search takes the best it
// finds, at least 0. `rho` >= 0, 0 < `delta` < 1.
double EpsilonOfZcdp(double rho, double delta);

// The pure part plus the converted Gaussian part at kDelta, rounded up. 0 for no cost; saturates.
std::uint64_t TotalNanoEpsilon(const PrivacyCost& cost);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_COST_H_
