#ifndef FLOTILLA_AGENT_APP_STATE_LOCK_H_
#define FLOTILLA_AGENT_APP_STATE_LOCK_H_

#include <filesystem>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::agent {

// One agent per state folder: holds <state_dir>/lock until the descriptor closes. UNAVAILABLE with
// STORAGE_LOCKED: another agent runs on this folder.
StatusOr<UniqueFd> LockState(const std::filesystem::path& state_dir);
// True when an agent runs on the folder.
bool IsStateLocked(const std::filesystem::path& state_dir);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_STATE_LOCK_H_
