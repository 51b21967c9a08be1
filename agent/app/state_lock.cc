#include "agent/app/state_lock.h"

#include "absl/strings/str_cat.h"

#include "base/file_lock.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::agent {
namespace {

constexpr char kLockFile[] = "lock";

}  // namespace

StatusOr<UniqueFd> LockState(const std::filesystem::path& state_dir) {
  return LockFile(
      state_dir / kLockFile,
      WithReason(Unavailable(absl::StrCat("another agent runs on ", state_dir.string())),
                 v1::FAILURE_REASON_STORAGE_LOCKED));
}

bool IsStateLocked(const std::filesystem::path& state_dir) {
  return IsFileLocked(state_dir / kLockFile);
}

}  // namespace flotilla::agent
