#include "telemetry/dp/budget_plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/dp/budget.h"
#include "telemetry/dp/cost.h"
#include "telemetry/dp/tier.h"

namespace flotilla::dp {
namespace {

constexpr std::uint64_t kMaxDevices = 1'000'000;
constexpr std::uint32_t kMaxReleases = 1'000;
constexpr std::uint64_t kMinArm = 100;
constexpr std::uint32_t kMaxHistograms = 32;

PrivacyCost Times(const PrivacyCost& cost, std::uint32_t count) {
  return {cost.nano_epsilon * count, cost.pico_rho * count};
}

Status CheckScenario(const BudgetScenario& scenario, const CollectionPlan& plan) {
  if (scenario.devices > kMaxDevices || scenario.releases > kMaxReleases ||
      scenario.between <= absl::ZeroDuration()) {
    return InvalidArgument("budget: at most 10^6 devices and 1,000 releases, some time apart");
  }
  if (scenario.devices_per_arm < kMinArm) {
    return InvalidArgument("budget: an arm has at least 100 devices");
  }
  if (scenario.looks == 0 || (plan.gate.has_value() && scenario.looks > plan.gate->looks)) {
    return InvalidArgument("budget: a gate takes one look or two");
  }
  const std::uint32_t most = !plan.histograms.has_value() ? 0
                             : plan.histograms->choice == HistogramChoice::kOperatorsFour
                                 ? kMaxChosenHistograms
                                 : kMaxHistograms;
  if (scenario.histograms > most) {
    return InvalidArgument("budget: a fleet of this size has at most " + std::to_string(most) +
                           " histograms");
  }
  return OkStatus();
}

struct Gate {
  Time at;
  std::uint64_t nano_epsilon = 0;  // pure: the parts of a device's budget add up
};

class Fleet {
 public:
  // `reserve`, in nano-epsilon, is kept free on every device.
  Fleet(std::uint64_t devices, std::uint64_t reserve) : gates_(devices), reserved_(reserve) {}

  // False, and nothing is spent: fewer than `count` devices can pay.
  bool SpendByDrawn(Time now, std::uint64_t nano_epsilon, std::uint64_t count, Random& random) {
    std::vector<std::size_t> able;
    for (std::size_t i = 0; i < gates_.size(); ++i) {
      if (SpentBy(i, now) + nano_epsilon <= kCapNanoEpsilon) {
        able.push_back(i);
      }
    }
    if (able.size() < count) {
      return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(able[i], able[i + UniformBelow(random, able.size() - i)]);
      gates_[able[i]].push_back({now, nano_epsilon});
    }
    return true;
  }

  void Report(Time now, BudgetOutcome& outcome) const {
    double sum = 0;
    for (std::size_t i = 0; i < gates_.size(); ++i) {
      const double spent = static_cast<double>(SpentBy(i, now)) / kNanoEpsilon;
      sum += spent;
      outcome.most_spent_epsilon = std::max(outcome.most_spent_epsilon, spent);
    }
    outcome.mean_spent_epsilon = gates_.empty() ? 0 : sum / static_cast<double>(gates_.size());
  }

 private:
  std::uint64_t SpentBy(std::size_t device, Time now) const {
    std::uint64_t spent = reserved_;
    for (const Gate& gate : gates_[device]) {
      spent += gate.at + kBudgetWindow > now ? gate.nano_epsilon : 0;
    }
    return spent;
  }

  std::vector<std::vector<Gate>> gates_;  // by device
  std::uint64_t reserved_;                // nano-epsilon
};

// Every window of histograms that may lie in one budget window.
StatusOr<PrivacyCost> ReserveFor(const std::optional<HistogramPlan>& plan, std::uint32_t metrics) {
  if (!plan.has_value() || metrics == 0) {
    return PrivacyCost{};
  }
  FLOTILLA_ASSIGN_OR_RETURN(const PrivacyCost one, CostOf(plan->policy));
  const auto windows =
      static_cast<std::uint32_t>((kBudgetWindow - absl::Nanoseconds(1)) / plan->period) + 1;
  return Times(one, metrics * windows);
}

}  // namespace

StatusOr<BudgetOutcome> PlayBudget(const BudgetScenario& scenario, Random& random) {
  const CollectionPlan plan = PlanFor(scenario.devices);
  FLOTILLA_RETURN_IF_ERROR(CheckScenario(scenario, plan));
  FLOTILLA_ASSIGN_OR_RETURN(const PrivacyCost reserve,
                            ReserveFor(plan.histograms, scenario.histograms));
  std::uint64_t gate = 0;
  if (plan.gate.has_value()) {
    FLOTILLA_ASSIGN_OR_RETURN(const PrivacyCost look, CostOf(*plan.gate));
    gate = look.nano_epsilon * scenario.looks;
  }
  BudgetOutcome outcome;
  outcome.reserved_epsilon = static_cast<double>(TotalNanoEpsilon(reserve)) / kNanoEpsilon;
  Fleet fleet(scenario.devices, TotalNanoEpsilon(reserve));
  Time now = absl::UnixEpoch();
  for (std::uint32_t release = 0; release < scenario.releases; ++release) {
    now = absl::UnixEpoch() + release * scenario.between;
    const bool drawn = plan.gate.has_value() &&
                       fleet.SpendByDrawn(now, gate, 2 * scenario.devices_per_arm, random);
    ++(drawn ? outcome.verdicts : outcome.held);
  }
  fleet.Report(now, outcome);
  return outcome;
}

}  // namespace flotilla::dp
