#ifndef FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_
#define FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_

#include <filesystem>
#include <optional>
#include <stop_token>

#include "base/digest.h"
#include "base/status.h"
#include "security/tuf/client.h"

namespace flotilla::ota {

// The whole file at `path` against length and every hash in the metadata, then its GGUF header.
// `streamed` is the SHA-256 of the bytes as they were written, which saves reading them again.
// Blocking (seconds per GB). Errors: DATA_LOSS with INSTALL_ARTIFACT_MISMATCH: the bytes are not
// the signed ones; with INSTALL_GGUF_INVALID: they are, and the engine could not load them;
// CANCELLED `stop`; STORAGE_IO.
Status VerifyArtifact(const std::filesystem::path& path, const tuf::TargetInfo& target,
                      const std::optional<Digest>& streamed, const std::stop_token& stop);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STEPS_VERIFY_ARTIFACT_H_
