#ifndef FLOTILLA_CONTROLLER_APP_RESTORE_WATCH_H_
#define FLOTILLA_CONTROLLER_APP_RESTORE_WATCH_H_

#include <functional>

#include "flotilla/v1/session.pb.h"

#include "base/clock.h"
#include "base/executor.h"
#include "controller/backup/restore_mark.h"
#include "controller/fleet/fleet.h"
#include "controller/release/catalogue.h"

namespace flotilla::controller {

RestoredFleet FleetOf(const RestoreMark& mark);

// For Fleet::SetHelloWatcher of a restored controller: when a device tells of metadata newer than
// ours, ours is signed above it (on `worker`), and the audit log tells. A newer root, which only
// its holders can publish again, is told. Everything given outlives the watcher.
std::function<void(const v1::Hello&)> RestoreWatch(const RestoreMark& mark, Fleet& fleet,
                                                   Catalogue& catalogue, Executor& worker,
                                                   const Clock& clock);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_RESTORE_WATCH_H_
