#include "controller/rollout/health_gate_noise.h"

#include <algorithm>
#include <cmath>

namespace flotilla::rollout {
namespace {

constexpr double kAggregators = 2;
// Of the five counts with their weights in the bad count: 3/5 twice, -2/5 three times.
constexpr double kSquares = 2 * 0.36 + 3 * 0.16;
constexpr double kFourthPowers = 2 * 0.1296 + 3 * 0.0256;

// The fourth cumulant of one aggregator's noise on one count. A discrete Laplace is the difference
// of two geometric variables, which gives variance^2 (3 + 1 / variance).
double FourthCumulant(const dp::NoisePolicy& noise) {
  if (noise.mechanism != dp::Mechanism::kDiscreteLaplace) {
    return 0;
  }
  const double variance = dp::NoiseVariance(noise);
  return variance * variance * 3 + variance;
}

double Cube(double value) {
  return value * value * value;
}

// 1 / a^power + 1 / b^power for the two arms.
double Inverse(const GateSizes& sizes, double power) {
  return std::pow(sizes.canary, -power) + std::pow(sizes.control, -power);
}

}  // namespace

double BadCountNoise(const dp::NoisePolicy& noise) {
  return kAggregators * kSquares * dp::NoiseVariance(noise);
}

double DifferenceVariance(const GateSizes& sizes, double canary_share, double control_share) {
  return canary_share * (1 - canary_share) / sizes.canary +
         control_share * (1 - control_share) / sizes.control +
         BadCountNoise(sizes.noise) / sizes.looks * Inverse(sizes, 2);
}

double FailBound(const GateSizes& sizes, double share) {
  const double one = share * (1 - share);  // variance of one verdict
  const double variance = DifferenceVariance(sizes, share, share);
  const double skew = one * (1 - 2 * share) *
                      (1 / (sizes.canary * sizes.canary) - 1 / (sizes.control * sizes.control)) /
                      std::pow(variance, 1.5);
  const double noise_fourth = kAggregators * kFourthPowers * FourthCumulant(sizes.noise) /
                              Cube(sizes.looks) * Inverse(sizes, 4);
  // The share comes from both arms together; an error in it is one in the variance.
  const double both = sizes.canary + sizes.control;
  const double share_variance =
      one / both + 2 * BadCountNoise(sizes.noise) / sizes.looks / (both * both);
  const double slope = (1 - 2 * share) * Inverse(sizes, 1);
  const double excess = (one * (1 - 6 * one) * Inverse(sizes, 3) + noise_fourth +
                         3 * slope * slope * share_variance) /
                        (variance * variance);
  constexpr double kZ = kFalseFailQuantile;
  const double bound = kZ + (kZ * kZ - 1) * skew / 6 + (Cube(kZ) - 3 * kZ) * excess / 24 -
                       (2 * Cube(kZ) - 5 * kZ) * skew * skew / 36;
  return std::max(bound, kZ);
}

}  // namespace flotilla::rollout
