#ifndef FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_
#define FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_

#include <filesystem>
#include <optional>
#include <stop_token>

#include "base/digest.h"
#include "base/status.h"
#include "ota/steps/check_compatibility.h"
#include "ota/store.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// The whole file at `path` against length and every hash in the metadata. `streamed` is the SHA-256
// of the bytes as they were written, which saves reading them again. Blocking (seconds per GB).
// Errors: DATA_LOSS with INSTALL_ARTIFACT_MISMATCH: the bytes are not the signed ones; CANCELLED
// `stop`; STORAGE_IO.
Status VerifyArtifact(const std::filesystem::path& path, const tuf::TargetInfo& target,
                      const std::optional<Digest>& streamed, const std::stop_token& stop);

// The headers of a plan's model and adapters, each in the store or complete in staging: can the
// engine load the model, and does each adapter fit it? DATA_LOSS with INSTALL_GGUF_INVALID, naming
// the file: the bytes are the signed ones, and the engine could not use them. STORAGE_*.
Status CheckGgufSet(const InstallPlan& plan, const Store& store);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_
