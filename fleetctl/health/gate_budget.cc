#include "fleetctl/health/gate_budget.h"

#include <algorithm>

#include "controller/rollout/health_gate_plan.h"
#include "telemetry/dp/budget_plan.h"

namespace flotilla::fleetctl {
namespace {

rollout::HealthGatePolicy PolicyOf(const BudgetQuestion& question) {
  rollout::HealthGatePolicy policy;
  policy.regression = question.regression;
  policy.base_rate = question.base_rate;
  policy.noise.looks = question.looks;
  return policy;
}

std::uint64_t ArmOf(const BudgetQuestion& question, const rollout::HealthGatePolicy& policy) {
  const std::uint64_t most = question.devices / 2;
  const std::uint64_t wanted = question.devices_per_arm != 0
                                   ? question.devices_per_arm
                                   : rollout::DevicesPerArm(policy).value_or(most);
  return std::min(wanted, most);
}

}  // namespace

StatusOr<BudgetAnswer> AnswerBudget(const BudgetQuestion& question, Random& random) {
  const rollout::HealthGatePolicy policy = PolicyOf(question);
  FLOTILLA_RETURN_IF_ERROR(rollout::CheckGatePolicy(policy));
  BudgetAnswer answer;
  answer.devices_per_arm = ArmOf(question, policy);
  const rollout::GatePlan plan =
      rollout::PlanGate(policy, {answer.devices_per_arm, answer.devices_per_arm});
  answer.smallest_regression = plan.smallest_regression;
  const bool smoke_only = plan.use == rollout::GateUse::kSmokeOnly;
  dp::BudgetScenario scenario;
  scenario.devices = question.devices;
  scenario.releases = smoke_only ? 0 : question.releases;
  scenario.between = question.between;
  scenario.devices_per_arm = std::max(answer.devices_per_arm, rollout::kLeastGateArm);
  scenario.looks = question.looks;
  scenario.histograms = question.histograms;
  FLOTILLA_ASSIGN_OR_RETURN(const dp::BudgetOutcome outcome, dp::PlayBudget(scenario, random));
  answer.verdicts = outcome.verdicts;
  answer.no_budget = outcome.held;
  answer.smoke_only = smoke_only ? question.releases : 0;
  answer.reserved_epsilon = outcome.reserved_epsilon;
  answer.mean_epsilon = outcome.mean_spent_epsilon;
  answer.most_epsilon = outcome.most_spent_epsilon;
  return answer;
}

}  // namespace flotilla::fleetctl
