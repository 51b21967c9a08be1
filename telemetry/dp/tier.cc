#include "telemetry/dp/tier.h"

#include <cstdint>

namespace flotilla::dp {
namespace {

constexpr std::uint64_t kGateFrom = 100;
constexpr std::uint64_t kChosenFrom = 1'000;
constexpr std::uint64_t kAllFrom = 10'000;
constexpr std::uint64_t kWideNoiseFrom = 100'000;
constexpr Duration kDay = absl::Hours(24);

HistogramPlan Chosen() {
  return {HistogramChoice::kOperatorsFour, 30 * kDay, {Mechanism::kDiscreteLaplace, {1, 2}, 1}};
}

HistogramPlan All(std::uint64_t sigma) {
  return {HistogramChoice::kAll, 7 * kDay, {Mechanism::kDiscreteGaussian, {sigma, 1}, 1}};
}

}  // namespace

CollectionPlan PlanFor(std::uint64_t devices_in_cohort) {
  CollectionPlan plan;
  if (devices_in_cohort >= kGateFrom) {
    plan.gate = NoisePolicy{Mechanism::kDiscreteLaplace, {1, 1}, 2};
  }
  if (devices_in_cohort >= kWideNoiseFrom) {
    plan.histograms = All(50);
  } else if (devices_in_cohort >= kAllFrom) {
    plan.histograms = All(20);
  } else if (devices_in_cohort >= kChosenFrom) {
    plan.histograms = Chosen();
  }
  return plan;
}

}  // namespace flotilla::dp
