#ifndef FLOTILLA_CONTROLLER_RELEASE_RELEASE_READER_H_
#define FLOTILLA_CONTROLLER_RELEASE_RELEASE_READER_H_

#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/status.h"
#include "controller/release/blob_repository.h"
#include "security/tuf/online_roles.h"

namespace flotilla::controller {

// The releases that a repository offers, newest first: one for every release document among the
// targets of a models-<line> role. Published when its document came here; blocked when its counter
// is below the line's floor or one of its digests is on the line's block list. Blocking.
//
// A document that a device could not use is refused with the whole repository: INVALID_ARGUMENT
// (FORM_*) for one that does not parse or does not stand where its line and version say,
// PERMISSION_DENIED for one whose files are not targets of the same role
// (TRUST_TARGET_NOT_FOUND) with the same length and digest (TRUST_LENGTH_MISMATCH,
// TRUST_HASH_MISMATCH), ALREADY_EXISTS with FORM_SCHEMA for two with one release counter.
StatusOr<std::vector<v1::Release>> ReadReleases(const tuf::FreshClientView& view,
                                                const tuf::RepositoryFiles& files,
                                                const BlobRepository& blobs);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_RELEASE_READER_H_
