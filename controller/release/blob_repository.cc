#include "controller/release/blob_repository.h"

#include <memory>
#include <string>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "security/sha256.h"

namespace flotilla::controller {
namespace {

// Length of the file, 0 when there is none.
StatusOr<std::uint64_t> LengthOf(const std::filesystem::path& path) {
  auto size = FileSize(path);
  if (size.status().code() == StatusCode::kNotFound) {
    return std::uint64_t{0};
  }
  return size;
}

}  // namespace

BlobRepository::BlobRepository(std::filesystem::path folder, DurableFs& fs, std::uint64_t max_bytes)
    : folder_(std::move(folder)), fs_(fs), max_bytes_(max_bytes) {}

std::filesystem::path BlobRepository::Path(const Digest& digest) const {
  return folder_ / digest.ToHex();
}

std::filesystem::path BlobRepository::PartPath(const Digest& digest) const {
  return folder_ / (digest.ToHex() + ".part");
}

std::mutex& BlobRepository::MutexOf(const Digest& digest) const {
  return mutexes_.at(digest.bytes().front() % mutexes_.size());
}

bool BlobRepository::Has(const Digest& digest) const {
  return FileSize(Path(digest)).ok();
}

StatusOr<std::uint64_t> BlobRepository::Offset(const Digest& digest) const {
  const std::scoped_lock lock(MutexOf(digest));
  return LengthOf(Has(digest) ? Path(digest) : PartPath(digest));
}

Status BlobRepository::Append(const Digest& digest, std::uint64_t offset, ByteView bytes) {
  const std::scoped_lock lock(MutexOf(digest));
  if (Has(digest)) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t length, LengthOf(PartPath(digest)));
  if (offset != length) {
    return FailedPrecondition("upload goes on at " + std::to_string(length) + ", not at " +
                              std::to_string(offset));
  }
  if (bytes.size() > max_bytes_ || offset > max_bytes_ - bytes.size()) {
    return WithReason(
        ResourceExhausted("an artifact has at most " + std::to_string(max_bytes_) + " bytes here"),
        v1::FAILURE_REASON_STORAGE_BUDGET);
  }
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  options.permissions = 0644;
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<DurableFile> part,
                            fs_.Create(PartPath(digest), options));
  return part->Write(offset, bytes);
}

Status BlobRepository::Finish(const Digest& digest, std::uint64_t length) {
  const std::scoped_lock lock(MutexOf(digest));
  if (Has(digest)) {
    return OkStatus();
  }
  const std::filesystem::path part_path = PartPath(digest);
  FLOTILLA_ASSIGN_OR_RETURN(const std::uint64_t have, LengthOf(part_path));
  if (have < length) {
    return FailedPrecondition("upload has " + std::to_string(have) + " of " +
                              std::to_string(length) + " bytes");
  }
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;  // an empty artifact was never appended to
  options.permissions = 0644;
  {
    FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<DurableFile> part,
                              fs_.Create(part_path, options));
    FLOTILLA_RETURN_IF_ERROR(part->Sync());
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Digest found, security::Sha256File(part_path));
  if (have != length || found != digest) {
    FLOTILLA_RETURN_IF_ERROR(DurableRemove(fs_, part_path));
    return WithReason(DataLoss("upload of " + digest.ToHex() + " has the digest " + found.ToHex()),
                      v1::FAILURE_REASON_TRUST_HASH_MISMATCH);
  }
  FLOTILLA_RETURN_IF_ERROR(fs_.Rename(part_path, Path(digest)));
  return fs_.SyncDir(folder_);
}

}  // namespace flotilla::controller
