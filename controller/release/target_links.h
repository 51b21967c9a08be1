#ifndef FLOTILLA_CONTROLLER_RELEASE_TARGET_LINKS_H_
#define FLOTILLA_CONTROLLER_RELEASE_TARGET_LINKS_H_

#include <filesystem>
#include <vector>

#include "base/durable_fs.h"
#include "base/status.h"
#include "controller/release/blob_repository.h"
#include "security/tuf/client.h"

namespace flotilla::controller {

// OK when every target's blob is there with the length signed for it, and every path is one that
// our tools write. FAILED_PRECONDITION with FETCH_NOT_FOUND (a blob that was not uploaded) or
// TRUST_LENGTH_MISMATCH; INVALID_ARGUMENT with FORM_BAD_PATH or FORM_SCHEMA (no SHA-256).
Status CheckBlobs(const std::vector<tuf::TargetInfo>& targets, const BlobRepository& blobs);

// Gives each target its name for devices, <folder>/<dir>/<sha256>.<name>, as a hard link to its
// blob, durably. Idempotent: after a crash call it again. Blocking.
Status LinkTargets(DurableFs& fs, const std::filesystem::path& folder,
                   const std::vector<tuf::TargetInfo>& targets, const BlobRepository& blobs);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_TARGET_LINKS_H_
