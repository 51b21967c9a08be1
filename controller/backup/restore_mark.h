#ifndef FLOTILLA_CONTROLLER_BACKUP_RESTORE_MARK_H_
#define FLOTILLA_CONTROLLER_BACKUP_RESTORE_MARK_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/durable_fs.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

// Left in the state folder by a restore, for as long as that folder lives.
struct RestoreMark {
  std::string backup_id;
  Time taken_at;
  Time restored_at;
  // Session epoch that every device was given; its first Hello counts it up.
  std::uint64_t session_epoch = 0;
  // Snapshot and timestamp begin at this version. By the clock, in seconds since 1970, so that
  // each restore begins above the one before and above whatever was signed between.
  std::uint64_t least_version = 0;
  // Until then a device that enrolled or renewed after the backup is let in by its certificate.
  Time readmit_until;
};

std::string EncodeRestoreMark(const RestoreMark& mark);
// Errors as SealedReader's. Of arbitrary bytes.
StatusOr<RestoreMark> ParseRestoreMark(std::string_view text);

// The mark of a state folder; absent: it was never restored. FAILED_PRECONDITION: a restore into it
// has not come to its end. Blocking.
StatusOr<std::optional<RestoreMark>> ReadRestoreMark(const std::filesystem::path& state_dir);

// Says that a restore is at work in the folder, then that it is done: in this order.
Status BeginRestoreMark(DurableFs& fs, const std::filesystem::path& state_dir);
Status FinishRestoreMark(DurableFs& fs, const std::filesystem::path& state_dir,
                         const RestoreMark& mark);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_RESTORE_MARK_H_
