// Everything that must survive a power cut is written through this seam, so that a test can replay
// every prefix of the calls and lose what was not synced. Durability rules (POSIX): a file's bytes
// are durable after Sync of the file, its name after SyncDir of the folder.
#ifndef FLOTILLA_BASE_DURABLE_FS_H_
#define FLOTILLA_BASE_DURABLE_FS_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla {

enum class CreateMode {
  kUnspecified = 0,
  kExclusive,     // a new file; ALREADY_EXISTS when the name is taken
  kOpenOrCreate,  // the file that is there, bytes kept, or a new one
};

struct CreateOptions {
  CreateMode mode = CreateMode::kExclusive;
  std::uint64_t reserve_bytes =
      0;  // disk blocks claimed at once (posix_fallocate); RESOURCE_EXHAUSTED if short
  unsigned permissions = 0600;  // octal, for a new file
};

// One file open for writing; closed by its destructor, which syncs nothing. One thread at a time.
class DurableFile {
 public:
  virtual ~DurableFile() = default;
  // All of `bytes` at `offset`, growing the file as needed. RESOURCE_EXHAUSTED: the disk is full.
  virtual Status Write(std::uint64_t offset, ByteView bytes) = 0;
  // After OK the bytes survive a power cut. After an error the file must be thrown away: the kernel
  // may have dropped the pages, and a second Sync may lie.
  virtual Status Sync() = 0;

 protected:
  DurableFile() = default;
  DurableFile(const DurableFile&) = default;
  DurableFile& operator=(const DurableFile&) = default;
};

// Port. Thread-safe for different paths. Real: OsDurableFs. Tests decorate it (full disk, failed
// sync, power cut). Errors: NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED (disk full),
// FAILED_PRECONDITION (read-only), DATA_LOSS (EIO).
class DurableFs {
 public:
  virtual ~DurableFs() = default;
  virtual StatusOr<std::unique_ptr<DurableFile>> Create(const std::filesystem::path& path,
                                                        const CreateOptions& options) = 0;
  // One level; OK when the folder is there already.
  virtual Status MakeDir(const std::filesystem::path& path) = 0;
  // Atomic; replaces a file at `to`.
  virtual Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  // A file or an empty folder. NOT_FOUND when it is not there.
  virtual Status Remove(const std::filesystem::path& path) = 0;
  // Makes names that were created, renamed or removed in this folder durable.
  virtual Status SyncDir(const std::filesystem::path& path) = 0;

 protected:
  DurableFs() = default;
  DurableFs(const DurableFs&) = default;
  DurableFs& operator=(const DurableFs&) = default;
};

// Replaces `path` in one step: after a power cut the file has its old bytes or the new ones, whole.
// path.tmp (exclusive; a left-over one is removed first) -> write -> sync -> rename -> sync of the
// folder. On an error the old file is untouched and no .tmp remains. Blocking.
Status DurableWrite(DurableFs& fs, const std::filesystem::path& path, ByteView bytes,
                    unsigned permissions = 0600);

// Creates `path` and its missing parents, each name synced in its parent.
Status DurableMakeDirs(DurableFs& fs, const std::filesystem::path& path);

// Removes `path` if it is there and syncs its folder.
Status DurableRemove(DurableFs& fs, const std::filesystem::path& path);

}  // namespace flotilla

#endif  // FLOTILLA_BASE_DURABLE_FS_H_
