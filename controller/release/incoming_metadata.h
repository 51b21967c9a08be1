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

struct IncomingMetadata {
  // Those that were not there already, under the names they are stored by.
  tuf::RepositoryFiles taken;
  // Names of files there that the publication takes back, see TakeIncoming.
  std::vector<std::string> withdrawn;
};

// Nothing is verified but what a fresh client cannot see: form, role, and that versions only rise.
// One thing lets a targets role fall: a root in the same publication that gives snapshot other
// keys. Devices forget what the old key said with that root, so it undoes a version that a stolen
// key ran up (fast-forward); the higher files are withdrawn. Snapshot and timestamp go on from
// their versions, but for those beyond the middle of what there is, which start again.
// Errors: as Catalogue::Publish.
StatusOr<IncomingMetadata> TakeIncoming(const std::vector<v1::MetadataFile>& files,
                                        const tuf::RepositoryFiles& there);

// What a fresh client saw is what was published: it walked to the last root, and it was sent to
// every role there is. PERMISSION_DENIED with TRUST_ROLLBACK_ROOT or TRUST_TARGET_NOT_FOUND.
Status CheckAllReached(const tuf::RepositoryFiles& files, const tuf::FreshClientView& view);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_INCOMING_METADATA_H_
