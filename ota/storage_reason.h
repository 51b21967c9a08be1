#ifndef FLOTILLA_OTA_STORAGE_REASON_H_
#define FLOTILLA_OTA_STORAGE_REASON_H_

#include "base/status.h"

namespace flotilla::ota {

// Gives an error of DurableFs its STORAGE_* reason, by code: RESOURCE_EXHAUSTED NO_SPACE,
// FAILED_PRECONDITION READ_ONLY, else IO. A reason that is there stays.
Status WithStorageReason(const Status& status);
// The same for Sync and SyncDir: STORAGE_SYNC_FAILED, but for a full or read-only disk.
Status WithSyncReason(const Status& status);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STORAGE_REASON_H_
