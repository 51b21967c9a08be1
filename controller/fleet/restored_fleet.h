// What a fleet that was restored from a backup knows about the time that it lost: nothing, so
// devices teach it. Pure functions over what the fleet holds.
#ifndef FLOTILLA_CONTROLLER_FLEET_RESTORED_FLEET_H_
#define FLOTILLA_CONTROLLER_FLEET_RESTORED_FLEET_H_

#include <cstdint>
#include <string>

#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/session.pb.h"

#include "base/time.h"
#include "controller/rollout/rollout_book.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// When the fleet was restored, and from what.
struct RestoredFleet {
  std::string backup_id;
  Time taken_at;
  Time restored_at;
  // Session epoch that every device was given.
  std::uint64_t session_epoch = 0;
  // Until then devices that enrolled or renewed after the backup are let in by their certificate.
  Time readmit_until;
};

// Label of a device: lines on which it came with a release that this fleet did not order, and the
// beginning of that release's digest: "pump:0a1b2c3d4e5f,valve:...". Decisions from before the
// restore are not carried out on them.
inline constexpr char kRestoreHeldLabel[] = "restore-held";

// Whether a certificate that begins at `not_before` may have been issued in the time that was lost,
// and is believed at `now`.
bool MayReadmit(const RestoredFleet& restored, Time not_before, Time now);

// For the first Hello of a device after the restore, before its record takes it up: holds the lines
// whose release is neither the one of the time of the backup nor the one that is `wanted`, and goes
// on counting generations from the one that the device has seen. A no-op for later Hellos.
void TakeLostFacts(const RestoredFleet& restored, const v1::Hello& hello,
                   const v1::DesiredState& wanted, StoredDevice& device);

// Takes assignments out of `desired` that were decided before the restore and would change what a
// held line came with: it stays as it is until a new rollout says something. (Not what it runs by
// the record: reports that are told again pass by all that it ran before.)
void DropOldDecisions(const RestoredFleet& restored, const v1::Device& device,
                      const rollout::RolloutBook& book, v1::DesiredState& desired);

// Ends the hold of lines whose release is what is `wanted` now: the fleet has learnt the rest.
void ReleaseKnownLines(const v1::DesiredState& wanted, v1::Device& device);

// For "why": a sentence when a line of the device is held. Empty: none is.
std::string TellHeldLines(const RestoredFleet& restored, const v1::Device& device);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_FLEET_RESTORED_FLEET_H_
