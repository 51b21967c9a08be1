// How long a fleet's privacy budget lasts: gates of weekly releases, played through on one ledger a
// device. Pure.
#ifndef FLOTILLA_TELEMETRY_DP_BUDGET_PLAN_H_
#define FLOTILLA_TELEMETRY_DP_BUDGET_PLAN_H_

#include <cstdint>

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::dp {

struct BudgetScenario {
  std::uint64_t devices = 0;    // all of one cohort; 10^6 at most
  std::uint32_t releases = 13;  // 1,000 at most
  Duration between = absl::Hours(24 * 7);
  std::uint64_t devices_per_arm = 0;  // two arms, canary and control, drawn anew for each release
  std::uint32_t looks = 2;            // that each gate takes; the tier allows two
  // Metrics that are collected from all devices beside the gates; the tier allows none, four, or
  // all of them.
  std::uint32_t histograms = 0;
};

struct BudgetOutcome {
  std::uint32_t verdicts = 0;   // gates whose two arms could be filled
  std::uint32_t held = 0;       // the others: too few devices exist, or have budget left
  double reserved_epsilon = 0;  // of each device, for the histograms of one budget window
  // Gates and reserve, after the last release.
  double mean_spent_epsilon = 0;
  double most_spent_epsilon = 0;
};

// A release's gate draws both arms at random among the devices that can pay for all its looks and
// still for every histogram of a budget window, as a planner does that counts what it asked for; it
// is held when they are too few. INVALID_ARGUMENT: a limit above is exceeded, an arm is below 100
// devices, or the tier of this size does not allow the looks or histograms.
StatusOr<BudgetOutcome> PlayBudget(const BudgetScenario& scenario, Random& random);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_BUDGET_PLAN_H_
