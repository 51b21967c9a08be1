#include "agent/health/owners_rules.h"

#include <utility>

namespace flotilla::agent {

StatusOr<OwnersRules> OwnersRulesOf(const config::v1::PrivateHealth& health) {
  schema::OwnersChoice choice;
  choice.all = health.off() ? schema::Switch::kOff : schema::Switch::kOn;
  for (const auto& [metric, on] : health.metrics()) {
    choice.metrics.push_back({metric, on ? schema::Switch::kOn : schema::Switch::kOff});
  }
  StatusOr<schema::MetricSwitches> switches = schema::MetricSwitches::Of(choice);
  if (!switches.ok()) {
    return Annotate(switches.status(), "health.metrics");
  }
  return OwnersRules{*std::move(switches),
                     health.allow_demo() ? DemoTasks::kAnswer : DemoTasks::kRefuse};
}

}  // namespace flotilla::agent
