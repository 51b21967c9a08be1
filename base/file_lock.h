// One process at a time: an advisory lock on a file (flock(2)).
#ifndef FLOTILLA_BASE_FILE_LOCK_H_
#define FLOTILLA_BASE_FILE_LOCK_H_

#include <filesystem>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla {

// Makes `file` where it is missing and holds it until the descriptor closes or the process ends,
// by a crash too. `held`: what it answers when another process holds it. NOT_FOUND: no such folder.
StatusOr<UniqueFd> LockFile(const std::filesystem::path& file, const Status& held);

// Whether a process holds it now. Takes nothing.
bool IsFileLocked(const std::filesystem::path& file);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_FILE_LOCK_H_
