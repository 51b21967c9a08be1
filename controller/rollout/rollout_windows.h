// The windows of a rollout: what is closed now, for which of its devices, and what follows. How
// they stand is kept in the rollout's row, so that what a device should run follows from the rows
// alone.
#ifndef FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_WINDOWS_H_
#define FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_WINDOWS_H_

#include <string>

#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/window.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "controller/rollout/rollout_run.h"

namespace flotilla::rollout {

// INVALID_ARGUMENT names the window: "windows[0].zone: ...".
Status CheckWindows(const v1::RolloutSpec& spec);

// How the windows stand for devices of a zone.
v1::ZoneWindows ZoneWindowsAt(const v1::RolloutSpec& spec, const std::string& zone, Time now);
// When a device of the zone may next be offered the release: `from` or later. InfiniteFuture:
// never.
Time NextOffer(const v1::RolloutSpec& spec, const std::string& zone, Time from);
// The same for going over to it.
Time NextActivation(const v1::RolloutSpec& spec, const std::string& zone, Time from);

// Brings the row up to `turn.now`. What opens or closes wakes the devices that wait and touches
// those on their way. Cheap while nothing changes.
void UpdateWindows(RolloutRun& run, const Turn& turn);
// A device that matches has come: its zone may be new.
void NoteZone(RolloutRun& run, const v1::Device& device, const Turn& turn);

// Whether the windows let the device be offered the release: accept and download are open.
bool MayBeOffered(const RolloutRun& run, const v1::Device& device);
// No device anywhere may be offered it.
bool NobodyMayBeOffered(const RolloutRun& run);
// What the windows ask a device to hold that is at `state`.
v1::HoldMode WindowHold(const RolloutRun& run, const v1::Device& device, v1::DeploymentState state);
// Both holds at once.
v1::HoldMode Stronger(v1::HoldMode one, v1::HoldMode other);

bool IsClosed(const v1::ZoneWindows& windows, v1::WindowApplies kind);
// Accept or download is closed.
bool OffersClosed(const v1::ZoneWindows& windows);
// How the windows stand for the device; nullptr: the rollout has none.
const v1::ZoneWindows* WindowsFor(const RolloutRun& run, const v1::Device& device);
// What the window limits: accept unless it says otherwise.
v1::WindowApplies AppliesOf(const v1::Window& window);

}  // namespace flotilla::rollout

#endif  // FLOTILLA_CONTROLLER_ROLLOUT_ROLLOUT_WINDOWS_H_
