// The helper's own count, per reporting key: it trusts neither the device's ledger nor the leader.
#ifndef FLOTILLA_TELEMETRY_DP_KEY_BUDGET_H_
#define FLOTILLA_TELEMETRY_DP_KEY_BUDGET_H_

#include <span>

#include "base/status.h"
#include "base/time.h"
#include "telemetry/dp/charge.h"

namespace flotilla::dp {

// A report of one key that was accepted. The caller stores it before it aggregates the report.
struct KeyCharge {
  ChargeId window{};
  Time at;  // when it was accepted, by the helper's clock
  PrivacyCost cost;
};

// The cost of what counts at `now`: everything younger than the budget window, and everything that
// lies in the future, so that a clock moved back frees nothing.
PrivacyCost LiveCost(std::span<const KeyCharge> charges, Time now);

// May the key with these earlier charges (all of the last 90 days and later, in any order) have
// `next` too? ALREADY_EXISTS: it has a report in that task and window. RESOURCE_EXHAUSTED: over the
// cap. INVALID_ARGUMENT: `next` costs nothing. Pure.
Status AdmitKeyCharge(std::span<const KeyCharge> earlier, const KeyCharge& next);

}  // namespace flotilla::dp

#endif  // FLOTILLA_TELEMETRY_DP_KEY_BUDGET_H_
