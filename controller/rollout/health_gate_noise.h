// How far the share of bad verdicts of two equal arms differs by chance and by the noise of both
// aggregators. Inside of the gate and its planner.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_NOISE_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_NOISE_H_

#include <cstdint>

#include "telemetry/dp/noise.h"

namespace flotilla::rollout {

// One-sided quantiles of the normal distribution. A FAIL has a probability of 0.9 % when both arms
// are equal, which leaves a tenth of the promised 1 % to what the expansion below does not see.
inline constexpr double kFalseFailQuantile = 2.3656;
// A regression that is to be found is missed with at most 10 % over all looks: in the one look
// there is, or in 2.5 % by a PASS in the first of two and in 7.5 % after the second.
constexpr double MissQuantile(std::uint32_t look, std::uint32_t looks) {
  constexpr double kOnly = 1.2816;
  constexpr double kFirst = 1.96;
  constexpr double kSecond = 1.4395;
  if (looks == 1) {
    return kOnly;
  }
  return look < looks ? kFirst : kSecond;
}

// The reports of a verdict are counted without noise, so the noise of all five counts together is
// known. Taking two fifths of it from "bad", the sum of two counts, leaves noise of less variance:
// 2 (3/5)^2 + 3 (2/5)^2 = 6/5 of one count's instead of 2. Costs no privacy.
inline constexpr double kBadOfNoise = 2.0 / 5;
inline constexpr double kNoDataOfNoise = 1.0 / 5;

// Arms of a gate and what is known of their noise; all positive.
struct GateSizes {
  double canary = 0;  // reports of one look, the mean over the looks
  double control = 0;
  double looks = 1;  // that are averaged
  dp::NoisePolicy noise;
};

// Variance of the bad count of one look of one arm that comes from noise: two aggregators, each
// NoiseVariance for each bucket, less what the known total takes away.
double BadCountNoise(const dp::NoisePolicy& noise);

// Variance of the difference of both arms' shares. A device that says "worse" in one look is taken
// to say it in all, so that looks lessen the noise alone.
double DifferenceVariance(const GateSizes& sizes, double canary_share, double control_share);

// The quantile of a difference of two equal arms of this share, in standard deviations: that of the
// normal distribution, corrected for skew, for tails (the sum of a few Laplace draws has heavier
// ones) and for a share that is itself estimated. E. A. Cornish and R. A. Fisher, "Moments and
// cumulants in the specification of distributions", 1937; to the fourth cumulant.
double FailBound(const GateSizes& sizes, double share);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_HEALTH_GATE_NOISE_H_
