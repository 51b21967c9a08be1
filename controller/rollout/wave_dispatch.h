// Who belongs to a wave, and when each of them is told.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_WAVE_DISPATCH_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_WAVE_DISPATCH_H_

#include <string>

#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

enum class Dispatched { kYes, kNoReachableDevice };

// Fixes the members of the current wave. By cohort order: an exact count, or the cumulative share
// with its minimum; only devices that can be reached, but the last wave takes all that are left. A
// wave for which no device is left has no members. kNoReachableDevice: nothing was done, because
// the first wave has nobody to try the release on.
Dispatched DispatchWave(RolloutRun& run, const Turn& turn);

// Takes as many devices again into a wave that is not decided, at least what a clean pass needs;
// the wave is dispatched anew. 0: nobody is left for it, nothing was done.
std::uint32_t WidenWave(RolloutRun& run, const Turn& turn);

// Takes a device that came to match into the last wave, when that has been dispatched.
void AdmitLateDevice(RolloutRun& run, const v1::Device& device, const Turn& turn);

// Offers the release to reachable PENDING devices of a lane while there are places under its cap.
void OfferPending(RolloutRun& run, Lane lane, const Turn& turn);

// A device of the current wave has not been offered the release yet.
bool WaitsToBeOffered(const RolloutRun& run);
// An open device of the current wave is held by a window or a freeze of its own.
bool AnyHeldByRules(const RolloutRun& run, const Turn& turn);

// Moves devices that are offline into the catch-up lane once no reachable device of the wave is
// left to wait for, so that a wave always ends; offers again when that frees places. A wave without
// any result does not end: nobody has tried the release. When nobody of it has begun either,
// devices that can be reached take the place of the silent ones; else it waits.
void SetOfflineApart(RolloutRun& run, const Turn& turn);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_WAVE_DISPATCH_H_
