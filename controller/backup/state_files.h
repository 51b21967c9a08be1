#ifndef FLOTILLA_CONTROLLER_BACKUP_STATE_FILES_H_
#define FLOTILLA_CONTROLLER_BACKUP_STATE_FILES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla::controller {

enum class StateSecrecy { kUnspecified, kPublic, kSecret };

// A small file of a state folder that cannot be made again.
struct StateFile {
  // Relative to the state folder.
  std::string path;
  StateSecrecy secrecy = StateSecrecy::kUnspecified;
};

// Certificates and keys of the CA (those that are trusted and retired too), of the listeners, of
// the first operator and of the online roles, by path; none for a folder that is not there. What is
// not known to be public is a secret. Blocking.
StatusOr<std::vector<StateFile>> ListStateFiles(const std::filesystem::path& state_dir);

// Digest names of the artifacts in `blobs`, sorted; uploads on their way are none. Blocking.
StatusOr<std::vector<std::string>> ListBlobs(const std::filesystem::path& blobs);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_STATE_FILES_H_
