#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace flotilla {

StatusOr<UniqueFd> LockFile(const std::filesystem::path& file, const Status& held) {
  UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) {
    return ErrnoStatus(errno, file.string());
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? held : ErrnoStatus(errno, file.string());
  }
  return lock;
}

bool IsFileLocked(const std::filesystem::path& file) {
  const UniqueFd lock(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return lock.valid() && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0;
}

}  // namespace flotilla
