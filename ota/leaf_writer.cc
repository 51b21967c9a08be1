#include "ota/leaf_writer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/steps/fetch.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {

LeafWriter::LeafWriter(const LeafMap& map, DurableFile& part, PartIndex& index, Clock& clock)
    : map_(map),
      part_(part),
      index_(index),
      clock_(clock),
      checkpoint_at_(clock.Monotonic() + kCheckpointTime) {
  buffer_.reserve(kMaxLeafBytes);
}

void LeafWriter::Seek(std::size_t leaf) {
  buffer_.clear();
  leaf_ = leaf;
  run_begin_ = leaf;
}

Status LeafWriter::Take(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t wanted = map_.leaves().at(leaf_).length - buffer_.size();
    const ByteView piece = bytes.first(std::min(wanted, bytes.size()));
    buffer_.insert(buffer_.end(), piece.begin(), piece.end());
    bytes = bytes.subspan(piece.size());
    if (piece.size() == wanted) {
      FLOTILLA_RETURN_IF_ERROR(FinishLeaf());
    }
  }
  return OkStatus();
}

Status LeafWriter::FinishLeaf() {
  const Leaf& leaf = map_.leaves().at(leaf_);
  if (security::Sha256(buffer_) != leaf.sha256) {
    buffer_.clear();
    return WithReason(DataLoss("wrong bytes in leaf " + std::to_string(leaf_) + " at offset " +
                               std::to_string(leaf.offset)),
                      v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH);
  }
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(part_.Write(leaf.offset, buffer_)));
  if (hashed_leaves_ == leaf_) {
    hasher_.Update(buffer_);
    ++hashed_leaves_;
  }
  unsynced_bytes_ += buffer_.size();
  buffer_.clear();
  ++leaf_;
  if (unsynced_bytes_ >= kCheckpointBytes || clock_.Monotonic() >= checkpoint_at_) {
    return Checkpoint();
  }
  return OkStatus();
}

Status LeafWriter::Checkpoint() {
  checkpoint_at_ = clock_.Monotonic() + kCheckpointTime;
  if (run_begin_ == leaf_) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(part_.Sync()));
  FLOTILLA_RETURN_IF_ERROR(index_.Add(run_begin_, leaf_));
  run_begin_ = leaf_;
  unsynced_bytes_ = 0;
  return OkStatus();
}

std::optional<Digest> LeafWriter::WholeDigest() {
  if (hashed_leaves_ != map_.leaves().size()) {
    return std::nullopt;
  }
  return hasher_.Finish();
}

}  // namespace flotilla::ota
