#include "security/tuf/metadata_store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/file.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/tuf/limits.h"
#include "security/tuf/target_path.h"

namespace flotilla::tuf {
namespace {

Status Stored(const Status& status) {
  switch (status.code()) {
    case StatusCode::kResourceExhausted:
      return WithReason(status, v1::FAILURE_REASON_STORAGE_NO_SPACE);
    case StatusCode::kFailedPrecondition:
      return WithReason(status, v1::FAILURE_REASON_STORAGE_READ_ONLY);
    default:
      return WithReason(status, v1::FAILURE_REASON_STORAGE_IO);
  }
}

StatusOr<UniqueFd> TakeLock(const std::filesystem::path& path) {
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) {
    return Stored(ErrnoStatus(errno, "opening " + path.string()));
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return WithReason(Unavailable("another client holds " + path.string()),
                      v1::FAILURE_REASON_STORAGE_LOCKED);
  }
  return lock;
}

}  // namespace

FileMetadataStore::FileMetadataStore(std::filesystem::path folder, UniqueFd lock, DurableFs& fs)
    : folder_(std::move(folder)), lock_(std::move(lock)), fs_(fs) {}

StatusOr<std::unique_ptr<FileMetadataStore>> FileMetadataStore::Open(
    const std::filesystem::path& folder, DurableFs& fs) {
  FLOTILLA_RETURN_IF_ERROR(Stored(DurableMakeDirs(fs, folder / "root_history")));
  FLOTILLA_ASSIGN_OR_RETURN(UniqueFd lock, TakeLock(folder / "lock"));
  return std::unique_ptr<FileMetadataStore>(new FileMetadataStore(folder, std::move(lock), fs));
}

std::filesystem::path FileMetadataStore::PathOf(const std::string& role) const {
  return folder_ / (QuoteSegment(role) + ".json");
}

std::filesystem::path FileMetadataStore::RootPath(std::int64_t version) const {
  return folder_ / "root_history" / (std::to_string(version) + ".root.json");
}

StatusOr<Bytes> FileMetadataStore::Load(const std::string& role, std::uint64_t max_bytes) {
  return ReadFile(PathOf(role), max_bytes);
}

Status FileMetadataStore::Save(const std::string& role, ByteView bytes) {
  return Stored(DurableWrite(fs_, PathOf(role), bytes));
}

Status FileMetadataStore::Remove(const std::string& role) {
  return Stored(DurableRemove(fs_, PathOf(role)));
}

StatusOr<Bytes> FileMetadataStore::LoadRoot(std::int64_t version) {
  return ReadFile(RootPath(version), kMaxRootBytes);
}

Status FileMetadataStore::SaveRoot(std::int64_t version, ByteView bytes) {
  return Stored(DurableWrite(fs_, RootPath(version), bytes));
}

StatusOr<Bytes> MemoryMetadataStore::Load(const std::string& role, std::uint64_t max_bytes) {
  const auto found = files_.find(role);
  if (found == files_.end()) {
    return NotFound(role);
  }
  if (found->second.size() > max_bytes) {
    return ResourceExhausted(role);
  }
  return found->second;
}

Status MemoryMetadataStore::Save(const std::string& role, ByteView bytes) {
  files_[role] = Bytes(bytes.begin(), bytes.end());
  return OkStatus();
}

Status MemoryMetadataStore::Remove(const std::string& role) {
  files_.erase(role);
  return OkStatus();
}

StatusOr<Bytes> MemoryMetadataStore::LoadRoot(std::int64_t version) {
  const auto found = roots_.find(version);
  if (found == roots_.end()) {
    return NotFound(std::to_string(version) + ".root.json");
  }
  return found->second;
}

Status MemoryMetadataStore::SaveRoot(std::int64_t version, ByteView bytes) {
  roots_[version] = Bytes(bytes.begin(), bytes.end());
  return OkStatus();
}

}  // namespace flotilla::tuf
