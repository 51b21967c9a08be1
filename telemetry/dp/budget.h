// The hard cap that device and helper both keep, each for itself.
#ifndef FLOTILLA_TELEMETRY_DP_BUDGET_H_
#define FLOTILLA_TELEMETRY_DP_BUDGET_H_

#include <cstdint>

#include "base/status.h"
#include "base/time.h"
#include "telemetry/dp/cost.h"

namespace flotilla::dp {

inline constexpr std::uint64_t kCapNanoEpsilon = 8 * kNanoEpsilon;
constexpr Duration kBudgetWindow = absl::Hours(24 * 90);  // rolling

// What is left when `spent` lies in the window.
std::uint64_t RemainingNanoEpsilon(const PrivacyCost& spent);

// OK: `next` fits beside what was spent in the window. INVALID_ARGUMENT: it costs nothing, which no
// report does. RESOURCE_EXHAUSTED: it does not fit.
Status CheckFits(const PrivacyCost& spent, const PrivacyCost& next);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_BUDGET_H_
