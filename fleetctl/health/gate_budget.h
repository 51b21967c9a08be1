// How many gates of regular releases give a verdict before the devices' privacy budget is spent.
#ifndef FLOTILLA_FLEETCTL_HEALTH_GATE_BUDGET_H_
#define FLOTILLA_FLEETCTL_HEALTH_GATE_BUDGET_H_

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::fleetctl {

struct BudgetQuestion {
  std::uint64_t devices = 0;
  std::uint32_t releases = 13;
  Duration between = absl::Hours(24 * 7);
  double regression = 0.05;  // that a gate is to find, and the share of bad verdicts without one
  double base_rate = 0.03;
  std::uint32_t looks = 2;
  std::uint32_t histograms = 0;       // collected beside the gates from all devices
  std::uint64_t devices_per_arm = 0;  // 0: as few as find the regression, at most half of the fleet
};

struct BudgetAnswer {
  std::uint64_t devices_per_arm = 0;
  // That arms of this size find; nullopt: below 100 devices.
  std::optional<double> smallest_regression;
  std::uint32_t verdicts = 0;   // PASS or FAIL, but for the tenth or less that two looks leave open
  std::uint32_t no_budget = 0;  // held: too few devices have budget left
  std::uint32_t smoke_only = 0;  // held: arms of this size do not find the regression
  double reserved_epsilon = 0;   // of each device, for the histograms
  double mean_epsilon = 0;       // spent and reserved, after the last release
  double most_epsilon = 0;
};

// Gates that find nothing are not asked of the devices and cost nothing. INVALID_ARGUMENT: as of
// rollout::CheckGatePolicy and dp::PlayBudget.
StatusOr<BudgetAnswer> AnswerBudget(const BudgetQuestion& question, Random& random);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_HEALTH_GATE_BUDGET_H_
