#include "controller/release/target_links.h"

#include <cstdint>
#include <set>
#include <string>
#include <system_error>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "security/tuf/target_path.h"

namespace flotilla::controller {
namespace {

Status CheckBlob(const tuf::TargetInfo& target, const BlobRepository& blobs) {
  FLOTILLA_RETURN_IF_ERROR(tuf::CheckWrittenTargetPath(target.path));
  if (target.sha256.IsZero()) {
    return WithReason(InvalidArgument("target " + target.path + " has no SHA-256"),
                      v1::FAILURE_REASON_FORM_SCHEMA);
  }
  const StatusOr<std::uint64_t> length = FileSize(blobs.Path(target.sha256));
  if (length.status().code() == StatusCode::kNotFound) {
    return WithReason(FailedPrecondition("target " + target.path + ": its blob " +
                                         target.sha256.ToHex() + " was not uploaded"),
                      v1::FAILURE_REASON_FETCH_NOT_FOUND);
  }
  FLOTILLA_RETURN_IF_ERROR(length.status());
  if (*length != target.length) {
    return WithReason(FailedPrecondition("target " + target.path + ": signed for " +
                                         std::to_string(target.length) + " bytes, its blob has " +
                                         std::to_string(*length)),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  return OkStatus();
}

}  // namespace

Status CheckBlobs(const std::vector<tuf::TargetInfo>& targets, const BlobRepository& blobs) {
  for (const tuf::TargetInfo& target : targets) {
    FLOTILLA_RETURN_IF_ERROR(CheckBlob(target, blobs));
  }
  return OkStatus();
}

Status LinkTargets(DurableFs& fs, const std::filesystem::path& folder,
                   const std::vector<tuf::TargetInfo>& targets, const BlobRepository& blobs) {
  std::set<std::filesystem::path> touched;
  for (const tuf::TargetInfo& target : targets) {
    const std::filesystem::path path = folder / target.url_path;
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
      continue;
    }
    FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, path.parent_path()));
    std::filesystem::create_hard_link(blobs.Path(target.sha256), path, error);
    if (error && error != std::errc::file_exists) {
      return ErrnoStatus(error.value(), "linking " + path.string());
    }
    touched.insert(path.parent_path());
  }
  for (const std::filesystem::path& parent : touched) {
    FLOTILLA_RETURN_IF_ERROR(fs.SyncDir(parent));
  }
  return OkStatus();
}

}  // namespace flotilla::controller
