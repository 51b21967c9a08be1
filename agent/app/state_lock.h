#ifndef FLOTILLA_AGENT_APP_STATE_LOCK_H_
#define FLOTILLA_AGENT_APP_STATE_LOCK_H_

#include <filesystem>

#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::agent {

// One agent per state folder: holds state_dir/lock until destroyed (or the process ends).
class StateLock {
 public:
  // UNAVAILABLE with STORAGE_LOCKED: another agent runs on this folder.
  static StatusOr<StateLock> Take(const std::filesystem::path& state_dir);
  // True when an agent runs on the folder.
  static bool IsTaken(const std::filesystem::path& state_dir);

 private:
  explicit StateLock(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_APP_STATE_LOCK_H_
