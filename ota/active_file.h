#ifndef FLOTILLA_OTA_ACTIVE_FILE_H_
#define FLOTILLA_OTA_ACTIVE_FILE_H_

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flotilla/v1/update.pb.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::ota {

// The small files of a line that are replaced as a whole: one framed message each (ota/frames.h).

// NOT_FOUND: there is none. DATA_LOSS with STORAGE_STATE_CORRUPT: its bytes are not what was
// written.
StatusOr<v1::ActiveRecord> ReadActiveFile(const std::filesystem::path& path);
StatusOr<v1::LineHolds> ReadHoldsFile(const std::filesystem::path& path);

// Replaces the file in one step (base/durable_fs.h). STORAGE_* reasons.
Status WriteActiveFile(DurableFs& fs, const std::filesystem::path& path,
                       const v1::ActiveRecord& active);
Status WriteHoldsFile(DurableFs& fs, const std::filesystem::path& path, const v1::LineHolds& holds);

// Adds the digests of the release's document and of each of its files, those that are set.
void AddBlobs(const v1::InstalledRelease& release, std::set<Digest>& out);
// The files that an engine needs to run the release: model, adapters, chat template. A digest that
// is not 32 bytes is the zero digest, which no store has.
std::vector<Digest> EngineBlobs(const v1::InstalledRelease& release);
// The digest in a proto field; zero when it is not 32 bytes.
Digest DigestOf(const std::string& field);
// "pump-assistant 2.0.0", for log lines and error texts.
std::string NameOf(const v1::ReleaseRef& ref);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_ACTIVE_FILE_H_
