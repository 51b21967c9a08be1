#include "ota/steps/fetch.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/leaf_writer.h"
#include "ota/part_index.h"
#include "ota/storage_reason.h"
#include "security/sha256.h"

namespace flotilla::ota {
namespace {

bool IsStorage(const Status& status) {
  const int reason = ReasonNumber(status);
  return reason >= v1::FAILURE_REASON_STORAGE_NO_SPACE &&
         reason <= v1::FAILURE_REASON_STORAGE_LOCKED;
}

bool IsWrongLeaf(const Status& status) {
  return ReasonNumber(status) == v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH;
}

struct Part {
  std::unique_ptr<DurableFile> file;
  std::unique_ptr<PartIndex> index;
};

StatusOr<Part> OpenPart(const FetchJob& job, const FetchPorts& ports) {
  Part part;
  const std::filesystem::path path = ports.store.PartPath(job.target.sha256);
  CreateOptions options;
  options.reserve_bytes = job.target.length;
  StatusOr<std::unique_ptr<DurableFile>> file = ports.fs.Create(path, options);
  if (file.ok()) {
    // A new part: an index that says something about an older one would lie.
    FLOTILLA_RETURN_IF_ERROR(
        WithSyncReason(DurableRemove(ports.fs, ports.store.IndexPath(job.target.sha256))));
    FLOTILLA_RETURN_IF_ERROR(WithSyncReason(ports.fs.SyncDir(path.parent_path())));
  } else if (file.status().code() == StatusCode::kAlreadyExists) {
    options.mode = CreateMode::kOpenOrCreate;
    file = ports.fs.Create(path, options);
  }
  if (!file.ok()) {
    return WithStorageReason(file.status());
  }
  part.file = std::move(file).value();
  FLOTILLA_ASSIGN_OR_RETURN(
      part.index, PartIndex::Open(ports.store.IndexPath(job.target.sha256), job.map_sha256,
                                  job.map.leaves().size(), ports.fs));
  return part;
}

// Leaves behind the last checkpoint whose bytes are there all the same (the process died, the disk
// did not): they are checked and kept, so that a crash costs at most one leaf of traffic.
Status KeepUnrecorded(const FetchJob& job, const std::filesystem::path& path, const Part& part) {
  const std::vector<Leaf>& leaves = job.map.leaves();
  const std::size_t first = part.index->NextMissing(0);
  const std::size_t limit = part.index->NextDone(first);
  std::ifstream file(path, std::ios::binary);
  Bytes buffer;
  std::size_t end = first;
  for (; end < limit; ++end) {
    const Leaf& leaf = leaves[end];
    buffer.resize(leaf.length);
    file.seekg(static_cast<std::streamoff>(leaf.offset));
    file.read(reinterpret_cast<char*>(buffer.data()), static_cast<std::streamsize>(leaf.length));
    if (!file || security::Sha256(buffer) != leaf.sha256) {
      break;
    }
  }
  if (end == first) {
    return OkStatus();
  }
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(part.file->Sync()));
  return part.index->Add(first, end);
}

// Asks for the leaves first <= i < end in one request.
Status FetchRun(const FetchJob& job, BlobFetcher& fetcher, LeafWriter& writer, std::size_t first,
                std::size_t end, const std::function<void(std::uint64_t)>& on_bytes,
                const std::stop_token& stop) {
  const Leaf& last = job.map.leaves()[end - 1];
  BlobRange range;
  range.url_path = job.target.url_path;
  range.offset = job.map.leaves()[first].offset;
  range.length = last.offset + last.length - range.offset;
  range.total = job.target.length;
  writer.Seek(first);
  const BlobSink sink = [&](ByteView bytes) {
    on_bytes(bytes.size());
    FLOTILLA_RETURN_IF_ERROR(writer.Take(bytes));
    return stop.stop_requested() ? Cancelled("the download was stopped") : OkStatus();
  };
  Status fetched = fetcher.Fetch(range, sink, stop);
  // What came before the error is kept, unless the disk is at fault.
  if (!IsStorage(fetched)) {
    FLOTILLA_RETURN_IF_ERROR(writer.Checkpoint());
  }
  return fetched;
}

Status FetchMissing(const FetchJob& job, BlobFetcher& fetcher, LeafWriter& writer,
                    const PartIndex& index, const std::function<void(std::uint64_t)>& on_bytes,
                    const std::stop_token& stop) {
  std::size_t wrong_leaf = 0;
  int wrong_tries = 0;
  while (!index.complete()) {
    const std::size_t first = index.NextMissing(0);
    Status status = FetchRun(job, fetcher, writer, first, index.NextDone(first), on_bytes, stop);
    if (status.ok()) {
      continue;
    }
    if (!IsWrongLeaf(status)) {
      return status;
    }
    wrong_tries = wrong_leaf == writer.next_leaf() ? wrong_tries + 1 : 1;
    wrong_leaf = writer.next_leaf();
    if (wrong_tries >= kMaxLeafTries) {
      return status;
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<FetchResult> FetchArtifact(const FetchJob& job, const FetchPorts& ports,
                                    const std::function<void(std::uint64_t)>& on_bytes,
                                    const std::stop_token& stop) {
  if (job.map.file_bytes() != job.target.length) {
    return WithReason(DataLoss("the leaf map is of another file than " + job.target.path),
                      v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Part part, OpenPart(job, ports));
  LeafWriter writer(job.map, *part.file, *part.index, ports.clock);
  Status status = KeepUnrecorded(job, ports.store.PartPath(job.target.sha256), part);
  if (status.ok()) {
    status = FetchMissing(job, ports.fetcher, writer, *part.index, on_bytes, stop);
  }
  if (ReasonNumber(status) == v1::FAILURE_REASON_STORAGE_SYNC_FAILED) {
    // The kernel may have dropped pages of this file: nothing in it can be believed.
    ports.store.DropPart(job.target.sha256).IgnoreError();
  }
  FLOTILLA_RETURN_IF_ERROR(status);
  FetchResult result;
  result.sha256 = writer.WholeDigest();
  return result;
}

}  // namespace flotilla::ota
