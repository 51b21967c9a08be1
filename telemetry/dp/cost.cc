#include "telemetry/dp/cost.h"

#include <cmath>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "telemetry/dp/ratio.h"

namespace flotilla::dp {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr double kSmallestLog = -12;  // of alpha - 1: alpha from 1.000006 ..
constexpr double kLargestLog = 42;    // .. to 10^18
constexpr double kLogStep = 0.125;
// Above what rounding of doubles can have taken off a value below 10^9.
constexpr double kRoundingNanoEpsilon = 2;

std::uint64_t SaturatingAdd(std::uint64_t a, std::uint64_t b) {
  return a > kMost - b ? kMost : a + b;
}

std::uint64_t CeilingOf(const BigInt& numerator, const BigInt& denominator) {
  const BigInt value = (numerator + denominator - 1) / denominator;
  return value > kMost ? kMost : static_cast<std::uint64_t>(value);
}

double Bound(double rho, double delta, double log_excess) {
  const double excess = std::exp(log_excess);  // alpha - 1
  const double alpha = 1 + excess;
  return rho * alpha - (std::log(alpha) + std::log(delta)) / excess - std::log1p(1 / excess);
}

}  // namespace

PrivacyCost operator+(const PrivacyCost& a, const PrivacyCost& b) {
  return {SaturatingAdd(a.nano_epsilon, b.nano_epsilon), SaturatingAdd(a.pico_rho, b.pico_rho)};
}

StatusOr<PrivacyCost> CostOf(const NoisePolicy& policy) {
  FLOTILLA_RETURN_IF_ERROR(CheckPolicy(policy));
  const BigInt n = policy.parameter.numerator;
  const BigInt d = policy.parameter.denominator;
  if (policy.mechanism == Mechanism::kDiscreteLaplace) {
    return PrivacyCost{CeilingOf(kNanoEpsilon * n, d), 0};
  }
  return PrivacyCost{0, CeilingOf(kPicoRho * d * d, n * n)};
}

double EpsilonOfZcdp(double rho, double delta) {
  double best = kSmallestLog;
  const auto steps = static_cast<int>((kLargestLog - kSmallestLog) / kLogStep);
  for (int step = 0; step <= steps; ++step) {
    const double x = kSmallestLog + step * kLogStep;
    if (Bound(rho, delta, x) < Bound(rho, delta, best)) {
      best = x;
    }
  }
  // The minimum lies beside the best point of the grid: golden section.
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = best - kLogStep;
  double high = best + kLogStep;
  for (int i = 0; i < 64; ++i) {
    const double a = high - golden * (high - low);
    const double b = low + golden * (high - low);
    (Bound(rho, delta, a) < Bound(rho, delta, b) ? high : low) =
        Bound(rho, delta, a) < Bound(rho, delta, b) ? b : a;
  }
  const double found = std::min(Bound(rho, delta, best), Bound(rho, delta, (low + high) / 2));
  return std::max(found, 0.0);
}

std::uint64_t TotalNanoEpsilon(const PrivacyCost& cost) {
  if (cost.pico_rho == 0) {
    return cost.nano_epsilon;
  }
  const double rho = static_cast<double>(cost.pico_rho) / static_cast<double>(kPicoRho);
  const double nano = EpsilonOfZcdp(rho, kDelta) * static_cast<double>(kNanoEpsilon);
  const auto gaussian =
      static_cast<std::uint64_t>(std::ceil(nano * (1 + 1e-12) + kRoundingNanoEpsilon));
  return SaturatingAdd(cost.nano_epsilon, gaussian);
}

}  // namespace flotilla::dp
