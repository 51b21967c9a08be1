// What may be collected from a cohort of which size.
#ifndef FLOTILLA_TELEMETRY_DP_TIER_H_
#define FLOTILLA_TELEMETRY_DP_TIER_H_

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "telemetry/dp/noise.h"

namespace flotilla::dp {

enum class HistogramChoice { kUnspecified = 0, kOperatorsFour, kAll };

inline constexpr std::uint32_t kMaxChosenHistograms = 4;

struct HistogramPlan {
  HistogramChoice choice = HistogramChoice::kUnspecified;
  Duration period;  // one window
  NoisePolicy policy;
};

struct CollectionPlan {
  std::optional<NoisePolicy> gate;          // `gate_verdict`, per release
  std::optional<HistogramPlan> histograms;  // the other metrics
};

// devices   gate_verdict              histograms
// < 100     -                         -
// >= 100    Laplace 1, two looks      -
// >= 1,000  Laplace 1, two looks      four of the operator's choice, 30 days, Laplace 1/2 each
// >= 10^4   Laplace 1, two looks      all, 7 days, Gaussian sigma 20
// >= 10^5   Laplace 1, two looks      all, 7 days, Gaussian sigma 50
// Pure.
CollectionPlan PlanFor(std::uint64_t devices_in_cohort);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_TIER_H_
