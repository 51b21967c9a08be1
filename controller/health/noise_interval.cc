#include "controller/health/noise_interval.h"

#include <cmath>

#include <numbers>

namespace flotilla::controller {
namespace {

constexpr double kInside = 0.95;
constexpr double kNormalQuantile = 1.959964;

double ValueOf(const dp::Fraction& fraction) {
  return static_cast<double>(fraction.numerator) / static_cast<double>(fraction.denominator);
}

// Of two independent discrete Laplace values with p = exp(-epsilon / 2):
// P(sum = n) = ((1 - p) / (1 + p))^2 p^|n| (|n| + (1 + p^2) / (1 - p^2)).
double LaplaceInterval(double epsilon) {
  const double p = std::exp(-epsilon / 2);
  const double scale = (1 - p) / (1 + p) * (1 - p) / (1 + p);
  const double shift = (1 + p * p) / (1 - p * p);
  double inside = scale * shift;
  double power = 1;
  double reach = 0;
  while (inside < kInside) {
    reach += 1;
    power *= p;
    inside += 2 * scale * power * (reach + shift);
  }
  return reach;
}

}  // namespace

double Interval95(const dp::NoisePolicy& policy) {
  const double parameter = ValueOf(policy.parameter);
  if (policy.mechanism == dp::Mechanism::kDiscreteLaplace) {
    return LaplaceInterval(parameter);
  }
  return std::ceil(kNormalQuantile * std::numbers::sqrt2 * parameter);
}

}  // namespace flotilla::controller
