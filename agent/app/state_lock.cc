#include "agent/app/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::agent {
namespace {

std::filesystem::path LockPath(const std::filesystem::path& state_dir) {
  return state_dir / "lock";
}

}  // namespace

StatusOr<StateLock> StateLock::Take(const std::filesystem::path& state_dir) {
  const std::string path = LockPath(state_dir).string();
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) {
    return ErrnoStatus(errno, path);
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return WithReason(Unavailable("another agent runs on " + state_dir.string()),
                      v1::FAILURE_REASON_STORAGE_LOCKED);
  }
  return StateLock(std::move(file));
}

bool StateLock::IsTaken(const std::filesystem::path& state_dir) {
  const UniqueFd file(::open(LockPath(state_dir).c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

}  // namespace flotilla::agent
