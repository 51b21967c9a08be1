#ifndef FLOTILLA_CONTROLLER_RELEASE_METADATA_FOLDER_H_
#define FLOTILLA_CONTROLLER_RELEASE_METADATA_FOLDER_H_

#include <filesystem>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "security/tuf/online_roles.h"

namespace flotilla::controller {

// The metadata folder of a repository on disk. Blocking; one thread at a time.

// What devices are served now: every root from 1.root.json on, timestamp.json, the snapshot it
// names and the version of each role that the snapshot names. Files beside these, left by a
// publication that a crash cut short, are not looked at. Empty when there is no timestamp.json.
// DATA_LOSS with STORAGE_STATE_CORRUPT: a file that is named is missing or cannot be read.
StatusOr<tuf::RepositoryFiles> LoadMetadata(const std::filesystem::path& folder);

// Writes what is in `next` and not, or with other bytes, in `now`: targets roles, snapshot, roots
// in order, and last timestamp.json, whose rename makes the rest visible. After a crash or an error
// before that, devices get what they got before (a root counts at once, and is valid by itself).
Status WriteMetadata(DurableFs& fs, const std::filesystem::path& folder,
                     const tuf::RepositoryFiles& now, const tuf::RepositoryFiles& next);

// `files` without the older versions of each role but root.
tuf::RepositoryFiles NewestOnly(const tuf::RepositoryFiles& files);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_METADATA_FOLDER_H_
