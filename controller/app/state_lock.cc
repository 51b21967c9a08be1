#include "controller/app/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>

namespace flotilla::controller {

StatusOr<UniqueFd> LockState(const std::filesystem::path& state_dir) {
  const std::filesystem::path path = state_dir / "lock";
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) {
    return ErrnoStatus(errno, path.string());
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Unavailable("another controller runs on " + state_dir.string())
                                : ErrnoStatus(errno, path.string());
  }
  return file;
}

}  // namespace flotilla::controller
