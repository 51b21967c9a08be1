#ifndef FLOTILLA_CONTROLLER_RELEASE_BLOB_REPOSITORY_H_
#define FLOTILLA_CONTROLLER_RELEASE_BLOB_REPOSITORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::controller {

// Blobs by SHA-256: <folder>/<hex>, and <hex>.part while one is on its way. A blob that is there is
// whole and has its digest. Blocking (disk). Thread-safe; two uploads of one digest take turns.
//
// Crash: a part keeps the bytes that the disk has; Finish reads them all again, so a torn part is
// found there, removed, and uploaded anew.
class BlobRepository {
 public:
  // `folder` exists. Blobs longer than `max_bytes` are refused.
  BlobRepository(std::filesystem::path folder, DurableFs& fs, std::uint64_t max_bytes);

  bool Has(const Digest& digest) const;
  // Where an upload goes on: the length of the part, 0 when there is none, of the whole blob when
  // it is there.
  StatusOr<std::uint64_t> Offset(const Digest& digest) const;
  // Adds `bytes` at `offset`, which must be Offset(digest). OK and nothing done when the blob is
  // there. FAILED_PRECONDITION: another offset (ask Offset again); RESOURCE_EXHAUSTED: disk full
  // or longer than `max_bytes`.
  Status Append(const Digest& digest, std::uint64_t offset, ByteView bytes);
  // Checks length and SHA-256 of the part and makes it a blob; durable afterwards. Idempotent.
  // FAILED_PRECONDITION: shorter than `length`; DATA_LOSS: longer, or another digest (the part is
  // gone then).
  Status Finish(const Digest& digest, std::uint64_t length);

  // Where the blob stands, there or not.
  std::filesystem::path Path(const Digest& digest) const;

 private:
  std::filesystem::path PartPath(const Digest& digest) const;
  std::mutex& MutexOf(const Digest& digest) const;

  std::filesystem::path folder_;
  DurableFs& fs_;
  std::uint64_t max_bytes_;
  mutable std::array<std::mutex, 16> mutexes_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_RELEASE_BLOB_REPOSITORY_H_
