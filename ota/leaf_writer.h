#ifndef FLOTILLA_OTA_LEAF_WRITER_H_
#define FLOTILLA_OTA_LEAF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "ota/format/leaf_map.h"
#include "ota/part_index.h"
#include "security/sha256.h"

namespace flotilla::ota {

// Takes a stream of bytes that begins at some leaf, checks each leaf when it is whole and only then
// writes it. Holds at most one leaf in memory. One thread at a time.
class LeafWriter {
 public:
  // All must outlive it.
  LeafWriter(const LeafMap& map, DurableFile& part, PartIndex& index, Clock& clock);

  // The next bytes belong to the start of this leaf; a half leaf from before is dropped.
  void Seek(std::size_t leaf);
  // The leaf that Take expects next.
  std::size_t next_leaf() const { return leaf_; }

  // DATA_LOSS with INSTALL_CHUNK_MISMATCH: the leaf that these bytes complete is wrong; it stays
  // missing. STORAGE_*.
  Status Take(ByteView bytes);
  // Makes what was written durable, then says so in the index. After an error throw part and index
  // away.
  Status Checkpoint();

  // The digest of the whole file when every leaf went through this writer, in order.
  std::optional<Digest> WholeDigest();

 private:
  Status FinishLeaf();

  const LeafMap& map_;
  DurableFile& part_;
  PartIndex& index_;
  Clock& clock_;
  Bytes buffer_;
  std::size_t leaf_ = 0;
  std::size_t run_begin_ =
      0;  // leaves run_begin_ <= i < leaf_ are written and not yet in the index
  std::uint64_t unsynced_bytes_ = 0;
  Duration checkpoint_at_;
  security::Sha256Hasher hasher_;
  std::size_t hashed_leaves_ = 0;
};

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_LEAF_WRITER_H_
