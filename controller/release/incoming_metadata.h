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

// Names of the snapshot and timestamp files that a thief drove up to where few versions are left.
// When their keys are replaced, devices forget them, and counting starts again.
std::vector<std::string> RunUpOnlineFiles(const tuf::RepositoryFiles& files);

// Nothing is verified but what a fresh client cannot see: form, role, and that versions only rise.
// One thing lets a targets role fall: a root in the same publication that gives snapshot other
// keys. Devices forget what the old key said with that root, so it undoes a version that a stolen
// key ran up (fast-forward); the higher files are withdrawn. Snapshot and timestamp go on from
// their versions, but for RunUpOnlineFiles where a root gives either of the two other keys.
// Errors: as Catalogue::Publish.
StatusOr<IncomingMetadata> TakeIncoming(const std::vector<v1::MetadataFile>& files,
                                        const tuf::RepositoryFiles& there);

// What a fresh client saw is what was published: it walked to the last root of `files`, was sent to
// every role that was `taken`, and none of these has lapsed. PERMISSION_DENIED with
// TRUST_ROLLBACK_ROOT, TRUST_TARGET_NOT_FOUND or TRUST_EXPIRED_TARGETS. A role that nobody
// delegates to any more, or that has lapsed, hinders nobody else.
Status CheckAllReached(const tuf::RepositoryFiles& files, const tuf::RepositoryFiles& taken,
                       const tuf::FreshClientView& view);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_INCOMING_METADATA_H_
