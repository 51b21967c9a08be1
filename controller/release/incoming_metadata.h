#ifndef FLOTILLA_CONTROLLER_RELEASE_INCOMING_METADATA_H_
#define FLOTILLA_CONTROLLER_RELEASE_INCOMING_METADATA_H_

#include <cstddef>
#include <string>
#include <vector>

#include "flotilla/v1/release.pb.h"

#include "base/status.h"
#include "security/tuf/online_roles.h"

namespace flotilla::controller {

inline constexpr std::size_t kMaxPublishedFiles = 16;

// Those of `files` that are not in `there` already, under the names they are stored by. Nothing is
// verified but what a fresh client cannot see: form, role, and that versions only rise.
// Errors: as Catalogue::Publish.
StatusOr<tuf::RepositoryFiles> TakeIncoming(const std::vector<v1::MetadataFile>& files,
                                            const tuf::RepositoryFiles& there);

// What a fresh client saw is what was published: it walked to the last root, and it was sent to
// every role there is. PERMISSION_DENIED with TRUST_ROLLBACK_ROOT or TRUST_TARGET_NOT_FOUND.
Status CheckAllReached(const tuf::RepositoryFiles& files, const tuf::FreshClientView& view);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_INCOMING_METADATA_H_
