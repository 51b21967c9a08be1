#ifndef FLOTILLA_CONTROLLER_BACKUP_BACKUP_MANIFEST_H_
#define FLOTILLA_CONTROLLER_BACKUP_BACKUP_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::controller {

// Name of the manifest in a backup's folder. It is written last.
inline constexpr char kManifestName[] = "MANIFEST";

enum class BackupSecrets { kUnspecified, kLeftOut, kIncluded };

struct BackupFile {
  // Below the backup's folder, and below the state folder when it is restored: "repo/blobs/<hex>".
  std::string path;
  std::uint64_t size_bytes = 0;
  Digest sha256;
};

// What a backup holds, and of when it is.
struct BackupManifest {
  // 16 hexadecimal digits.
  std::string id;
  Time taken_at;
  // Of the program that made it.
  std::string program;
  std::uint64_t schema = 0;
  std::uint64_t devices = 0;
  // Newest entry of the audit log that is in it.
  std::uint64_t audit_seq = 0;
  // Of the online roles; 0: nothing was published.
  std::uint64_t snapshot_version = 0;
  std::uint64_t timestamp_version = 0;
  BackupSecrets secrets = BackupSecrets::kUnspecified;
  std::vector<BackupFile> files;
  // Artifacts that were left out, to be had elsewhere.
  std::vector<BackupFile> elsewhere;
};

std::string EncodeManifest(const BackupManifest& manifest);
// DATA_LOSS: it is damaged or cut off, or names a file outside of the backup, or one twice;
// FAILED_PRECONDITION: a form that this program does not know. Of arbitrary bytes.
StatusOr<BackupManifest> ParseManifest(std::string_view text);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_BACKUP_MANIFEST_H_
