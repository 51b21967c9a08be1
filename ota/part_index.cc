#include "ota/part_index.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "ota/frames.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {
namespace {

constexpr std::string_view kMagic = "FLOTIDX1";
constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{64} << 20;
constexpr std::size_t kRunBytes = 8;

Bytes HeaderPayload(const Digest& map_sha256, std::size_t leaf_count) {
  Bytes payload = ToBytes(kMagic);
  payload.insert(payload.end(), map_sha256.bytes().begin(), map_sha256.bytes().end());
  PutLe32(payload, static_cast<std::uint32_t>(leaf_count));
  return payload;
}

Bytes RunFrame(std::size_t first, std::size_t end) {
  Bytes payload;
  PutLe32(payload, static_cast<std::uint32_t>(first));
  PutLe32(payload, static_cast<std::uint32_t>(end));
  return MakeFrame(payload);
}

void SetRun(std::vector<bool>& done, std::size_t first, std::size_t end) {
  std::fill(done.begin() + static_cast<std::ptrdiff_t>(first),
            done.begin() + static_cast<std::ptrdiff_t>(end), true);
}

std::size_t Find(const std::vector<bool>& done, std::size_t from, bool wanted) {
  const auto begin = done.begin() + static_cast<std::ptrdiff_t>(std::min(from, done.size()));
  return static_cast<std::size_t>(std::find(begin, done.end(), wanted) - done.begin());
}

}  // namespace

PartIndexContent ReadPartIndex(ByteView bytes, const Digest& map_sha256, std::size_t leaf_count) {
  PartIndexContent content;
  content.done.assign(leaf_count, false);
  const Frames frames = ReadFrames(bytes);
  const Bytes header = HeaderPayload(map_sha256, leaf_count);
  if (frames.payloads.empty() || !std::ranges::equal(frames.payloads.front(), header)) {
    return content;
  }
  content.matches = true;
  content.good_bytes = MakeFrame(header).size();
  for (std::size_t i = 1; i < frames.payloads.size(); ++i) {
    const ByteView run = frames.payloads[i];
    if (run.size() != kRunBytes || GetLe32(run) >= GetLe32(run.subspan(4)) ||
        GetLe32(run.subspan(4)) > leaf_count) {
      return content;
    }
    SetRun(content.done, GetLe32(run), GetLe32(run.subspan(4)));
    content.good_bytes = static_cast<std::uint64_t>(run.data() - bytes.data()) + run.size();
  }
  return content;
}

PartIndex::PartIndex(std::filesystem::path path, DurableFs& fs) : path_(std::move(path)), fs_(fs) {}

StatusOr<std::unique_ptr<PartIndex>> PartIndex::Open(std::filesystem::path path,
                                                     const Digest& map_sha256,
                                                     std::size_t leaf_count, DurableFs& fs) {
  std::unique_ptr<PartIndex> index(new PartIndex(std::move(path), fs));
  const StatusOr<Bytes> bytes = ReadFile(index->path_, kMaxIndexBytes);
  if (!bytes.ok() && bytes.status().code() != StatusCode::kNotFound) {
    return WithStorageReason(bytes.status());
  }
  PartIndexContent content = ReadPartIndex(bytes.ok() ? *bytes : Bytes(), map_sha256, leaf_count);
  index->done_ = std::move(content.done);
  if (!bytes.ok() || !content.matches || content.good_bytes != bytes->size()) {
    FLOTILLA_RETURN_IF_ERROR(index->Rewrite(map_sha256));
  } else {
    index->end_ = content.good_bytes;
  }
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  StatusOr<std::unique_ptr<DurableFile>> file = fs.Create(index->path_, options);
  if (!file.ok()) {
    return WithStorageReason(file.status());
  }
  index->file_ = std::move(file).value();
  return index;
}

Status PartIndex::Rewrite(const Digest& map_sha256) {
  Bytes bytes = MakeFrame(HeaderPayload(map_sha256, done_.size()));
  for (std::size_t first = NextDone(0); first < done_.size();) {
    const std::size_t end = NextMissing(first);
    const Bytes frame = RunFrame(first, end);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    first = NextDone(end);
  }
  end_ = bytes.size();
  return WithSyncReason(DurableWrite(fs_, path_, bytes));
}

std::size_t PartIndex::NextMissing(std::size_t from) const {
  return Find(done_, from, false);
}

std::size_t PartIndex::NextDone(std::size_t from) const {
  return Find(done_, from, true);
}

Status PartIndex::Add(std::size_t first, std::size_t end) {
  const Bytes frame = RunFrame(first, end);
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(file_->Write(end_, frame)));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(file_->Sync()));
  end_ += frame.size();
  SetRun(done_, first, end);
  return OkStatus();
}

}  // namespace flotilla::ota
