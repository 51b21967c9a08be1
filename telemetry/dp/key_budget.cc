#include "telemetry/dp/key_budget.h"

#include <algorithm>
#include <span>

#include "telemetry/dp/budget.h"

namespace flotilla::dp {

PrivacyCost LiveCost(std::span<const KeyCharge> charges, Time now) {
  PrivacyCost live;
  for (const KeyCharge& charge : charges) {
    if (charge.at + kBudgetWindow > now) {
      live = live + charge.cost;
    }
  }
  return live;
}

Status AdmitKeyCharge(std::span<const KeyCharge> earlier, const KeyCharge& next) {
  if (std::any_of(earlier.begin(), earlier.end(),
                  [&next](const KeyCharge& charge) { return charge.window == next.window; })) {
    return AlreadyExists("this key has a report in this window of the task");
  }
  return CheckFits(LiveCost(earlier, next.at), next.cost);
}

}  // namespace flotilla::dp
