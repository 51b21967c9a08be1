#ifndef FLOTILLA_AGENT_ENGINE_RELEASE_FILES_H_
#define FLOTILLA_AGENT_ENGINE_RELEASE_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "flotilla/v1/engine.pb.h"
#include "flotilla/v1/update.pb.h"

#include "base/status.h"
#include "base/unique_fd.h"
#include "ota/store.h"

namespace flotilla::agent {

// The load command of a release with its files open for reading, in the order the engine takes
// them.
struct OpenRelease {
  v1::EngineCommand load;
  std::vector<UniqueFd> files;

  // To be sent beside the command.
  std::vector<int> descriptors() const;
};

// By errno with STORAGE_IO: a file of the release is not in the store.
StatusOr<OpenRelease> OpenForEngine(const v1::InstalledRelease& release, const ota::Store& store);
// The load command of an engine without a model that answers what the release says it should when
// it must not answer itself.
OpenRelease FixedAnswer(const v1::InstalledRelease& release);
// One file of the store.
StatusOr<UniqueFd> OpenBlob(const ota::Store& store, const std::string& sha256, ota::BlobKind kind);

// Bytes of the model and its adapters: what an engine has to keep in memory of the release's files.
std::uint64_t WeightBytes(const v1::InstalledRelease& release);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_ENGINE_RELEASE_FILES_H_
