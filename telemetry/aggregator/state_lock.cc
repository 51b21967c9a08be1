#include "telemetry/aggregator/state_lock.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "base/file_lock.h"
#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::telemetry {

StatusOr<UniqueFd> LockState(const std::filesystem::path& file) {
  const std::string folder = file.parent_path().string();
  StatusOr<UniqueFd> lock =
      LockFile(file, WithReason(Unavailable(absl::StrCat("another aggregator runs on ", folder)),
                                v1::FAILURE_REASON_STORAGE_LOCKED));
  if (absl::IsNotFound(lock.status())) {
    return NotFound(
        absl::StrCat(folder, " is not there: flotilla-aggregator init --config FILE makes it"));
  }
  return lock;
}

}  // namespace flotilla::telemetry
