#ifndef FLOTILLA_CONTROLLER_APP_STATE_LOCK_H_
#define FLOTILLA_CONTROLLER_APP_STATE_LOCK_H_

#include <filesystem>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::controller {

// Holds <state_dir>/lock for this process, until the descriptor closes: two controllers on one
// folder would answer each other's devices. UNAVAILABLE when another process holds it.
StatusOr<UniqueFd> LockState(const std::filesystem::path& state_dir);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_APP_STATE_LOCK_H_
