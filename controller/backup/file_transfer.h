// Brings files into a backup and out of it.
#ifndef FLOTILLA_CONTROLLER_BACKUP_FILE_TRANSFER_H_
#define FLOTILLA_CONTROLLER_BACKUP_FILE_TRANSFER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "controller/backup/backup_manifest.h"

namespace flotilla::controller {

// What long work is at: a step ("artifacts"), how much of it is done, and of how much (0: unknown).
struct TransferStep {
  std::string what;
  std::uint64_t done = 0;
  std::uint64_t of = 0;
};
using TransferProgress = std::function<void(const TransferStep&)>;

// Copies a file, which nobody changes meanwhile, to a new one; its bytes are durable, its name
// after SyncDir. What was copied, `path` left empty. RESOURCE_EXHAUSTED: the disk is full;
// ALREADY_EXISTS: `to` is there. Blocking.
StatusOr<BackupFile> CopyFileTo(DurableFs& fs, const std::filesystem::path& from,
                                const std::filesystem::path& to, unsigned permissions);

// As CopyFileTo for a file that is never changed in place: a hard link, where the file system has
// them between the two folders, and else a copy. DATA_LOSS: its content does not have `digest`.
// Blocking; reads the whole file.
StatusOr<BackupFile> LinkOrCopyTo(DurableFs& fs, const std::filesystem::path& from,
                                  const std::filesystem::path& to, const Digest& digest);

// Size and digest of a file that is there. Blocking.
StatusOr<BackupFile> DescribeFile(const std::filesystem::path& file);

// Syncs `folder` and every folder below it. Blocking.
Status SyncTree(DurableFs& fs, const std::filesystem::path& folder);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_BACKUP_FILE_TRANSFER_H_
