#include "controller/rollout/calibration.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/rollout/evidence.h"
#include "controller/rollout/sprt.h"

namespace flotilla::rollout {
namespace {

constexpr double kDefaultP0 = 0.01;
constexpr double kDistance = 0.04;
constexpr double kMostP0 = 0.25;
// Two-sided 90 %.
constexpr double kZ = 1.645;
constexpr double kPoints = 100;
// Trouble comes in bursts of a site and an hour: so many devices tell as much as one alone would.
constexpr double kDesignEffect = 4;

double WilsonUpper(double failures, double devices) {
  const double share = failures / devices;
  const double z2 = kZ * kZ;
  const double middle = share + z2 / (2 * devices);
  const double half = kZ * std::sqrt(share * (1 - share) / devices + z2 / (4 * devices * devices));
  return (middle + half) / (1 + z2 / devices);
}

}  // namespace

StatusOr<Calibration> Calibrate(const std::vector<v1::Rollout>& rollouts) {
  Calibration result;
  for (const v1::Rollout& rollout : rollouts) {
    for (const v1::Wave& wave : rollout.waves()) {
      const WaveEvidence evidence = EvidenceOf(wave);
      result.devices += evidence.succeeded + evidence.counted_failures;
      result.failures += evidence.counted_failures;
    }
  }
  const std::uint32_t needed = Sprt(v1::JudgePolicy()).CleanPass();
  if (result.devices < needed) {
    return FailedPrecondition(absl::StrCat(result.devices,
                                           " judged devices are too few to learn "
                                           "from: at least ",
                                           needed));
  }
  const double upper = WilsonUpper(result.failures / kDesignEffect, result.devices / kDesignEffect);
  if (upper > kMostP0) {
    return FailedPrecondition(
        absl::StrFormat("%d of %d devices failed: at such a share no release "
                        "can be judged",
                        result.failures, result.devices));
  }
  result.p0 = std::max(kDefaultP0, upper);
  result.p1 = result.p0 + kDistance;
  result.why = absl::StrFormat(
      "%d of %d devices failed in %d rollouts of good releases: with 95 %% "
      "confidence at most %.2f %%",
      result.failures, result.devices, rollouts.size(), upper * kPoints);
  return result;
}

}  // namespace flotilla::rollout
