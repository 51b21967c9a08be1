// The private gate of a rollout's waves, from the forecast to the verdict: docs/adr/0008. It waits,
// pauses and informs; it never aborts. Pure.
//
//   FORECAST -> SMOKE_ONLY | ASKING -> COLLECTING -> PASSED | FAILED | HELD
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WAVE_GUARD_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WAVE_GUARD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "controller/rollout/guard_status.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// Says of every wave that has not begun what its gate can be expected to find.
void ForecastGuards(RolloutRun& run, const Turn& turn);

// The current wave has its devices on the release: draws both arms, once, and asks; or says "smoke
// only" and asks nothing.
void BeginGuard(RolloutRun& run, const Turn& turn);

enum class GuardSays { kGoOn, kWait };
// Before the current wave is judged. kWait: there is no verdict yet, or the verdict pauses here.
GuardSays AskGuard(RolloutRun& run, const Turn& turn);

// An operator lets the current wave go on without a verdict.
void WaiveGuard(RolloutRun& run, const std::string& by, const Turn& turn);

// What became of an order. Late, repeated and unknown ones are harmless.
void TakeGuardStatus(RolloutRun& run, std::uint32_t wave, const GuardStatus& status,
                     const Turn& turn);

// Ends gates whose time is over: nobody waits for a helper for ever.
void ExpireGuards(RolloutRun& run, const Turn& turn);

// Adds the orders of a rollout's gates that are not decided.
void AddOrders(const RolloutRun& run, std::vector<GuardOrder>& orders);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WAVE_GUARD_H_
