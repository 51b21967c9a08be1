#include "telemetry/aggregator/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::telemetry {

StatusOr<UniqueFd> LockState(const std::filesystem::path& file) {
  UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid() && errno == ENOENT) {
    return NotFound(absl::StrCat(file.parent_path().string(),
                                 " is not there: flotilla-aggregator init --config FILE makes it"));
  }
  if (!lock.valid()) return ErrnoStatus(errno, file.string());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, file.string());
    return WithReason(
        Unavailable(absl::StrCat("another aggregator runs on ", file.parent_path().string())),
        v1::FAILURE_REASON_STORAGE_LOCKED);
  }
  return lock;
}

}  // namespace flotilla::telemetry
