#ifndef FLOTILLA_CONTROLLER_BACKUP_RESTORE_CHANGE_H_
#define FLOTILLA_CONTROLLER_BACKUP_RESTORE_CHANGE_H_

#include <cstdint>

#include "base/status.h"
#include "base/time.h"
#include "controller/backup/backup_manifest.h"
#include "controller/backup/restore_mark.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// How a restore at `now` is marked: session epochs and versions of the online roles begin at the
// seconds since 1970, or above what the backup has where that is higher. INVALID_ARGUMENT: `now` is
// before the backup was taken, so the clock of this machine is wrong.
StatusOr<RestoreMark> MarkRestore(const BackupManifest& manifest, const FleetSnapshot& snapshot,
                                  Time now, Duration readmit);

// What a database that was restored needs before a controller goes on with it: every device's
// session epoch above all it has seen, rollouts that ran paused until a person has looked, and an
// entry of the audit log that says what was restored. Pure; for one commit.
FleetChange RestoreChange(const BackupManifest& manifest, const FleetSnapshot& snapshot,
                          const RestoreMark& mark);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_RESTORE_CHANGE_H_
