// Which leaves of a growing download lie verified and durable in staging/<sha256>.part.
// staging/<sha256>.idx is an append-only file of frames (ota/frames.h): first "FLOTIDX1" (8),
// SHA-256 of the leaf map (32), number of leaves (4); then one frame for each run that became
// durable: first leaf (4), leaf behind the last (4). Numbers little-endian.
#ifndef FLOTILLA_OTA_PART_INDEX_H_
#define FLOTILLA_OTA_PART_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::ota {

struct PartIndexContent {
  bool matches = false;          // the header names this map and this number of leaves
  std::vector<bool> done;        // by leaf; all false unless `matches`
  std::uint64_t good_bytes = 0;  // the rest is torn or makes no sense
};

// Pure; never fails.
PartIndexContent ReadPartIndex(ByteView bytes, const Digest& map_sha256, std::size_t leaf_count);

// One thread at a time.
class PartIndex {
 public:
  // Reads the index; one that is missing or for another map begins anew, a torn tail is cut.
  // STORAGE_* reasons.
  static StatusOr<std::unique_ptr<PartIndex>> Open(std::filesystem::path path,
                                                   const Digest& map_sha256, std::size_t leaf_count,
                                                   DurableFs& fs);

  // The first leaf at or after `from` that is missing; the number of leaves when none is.
  std::size_t NextMissing(std::size_t from) const;
  // The first leaf at or after `from` that is there; the number of leaves when none is.
  std::size_t NextDone(std::size_t from) const;
  bool complete() const { return NextMissing(0) == done_.size(); }

  // Records durably that leaves first <= i < end are in the part file. Call after the part file was
  // synced. After an error throw index and part away.
  Status Add(std::size_t first, std::size_t end);

 private:
  PartIndex(std::filesystem::path path, DurableFs& fs);

  Status Rewrite(const Digest& map_sha256);

  std::filesystem::path path_;
  DurableFs& fs_;
  std::vector<bool> done_;
  std::unique_ptr<DurableFile> file_;
  std::uint64_t end_ = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_PART_INDEX_H_
