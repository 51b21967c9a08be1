#include "ota/store.h"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "ota/storage_reason.h"

namespace flotilla::ota {
namespace {

constexpr char kMapName[] = "map";
constexpr char kManifestName[] = "manifest";
constexpr char kNewSuffix[] = ".new";  // being built
constexpr char kOldSuffix[] = ".old";  // being removed

const char* NameOf(BlobKind kind) {
  switch (kind) {
    case BlobKind::kGolden:
      return "golden.jsonl";
    case BlobKind::kRelease:
      return "release.json";
    case BlobKind::kAdapter:
      return "adapter.gguf";
    case BlobKind::kChatTemplate:
      return "chat_template.txt";
    case BlobKind::kModel:
    case BlobKind::kUnspecified:
      break;
  }
  return "model.gguf";
}

std::string ManifestText(const Digest& sha256, BlobKind kind, std::uint64_t length_bytes) {
  return std::string(R"({"file":")") + NameOf(kind) + R"(","length":)" +
         std::to_string(length_bytes) + R"(,"sha256":")" + sha256.ToHex() + R"("})";
}

std::filesystem::path WithSuffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

std::vector<std::filesystem::path> Children(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> children;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    children.push_back(it->path());
  }
  return children;
}

bool Exists(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

void KeepFirst(Status& first, const Status& next) {
  if (first.ok()) {
    first = next;
  }
}

}  // namespace

Store::Store(const std::filesystem::path& state_dir, DurableFs& fs)
    : store_dir_(state_dir / "store"), staging_dir_(state_dir / "staging"), fs_(fs) {}

StatusOr<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& state_dir,
                                             DurableFs& fs) {
  std::unique_ptr<Store> store(new Store(state_dir, fs));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableMakeDirs(fs, store->store_dir_)));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableMakeDirs(fs, store->staging_dir_)));
  FLOTILLA_RETURN_IF_ERROR(store->UndoInstalls());
  return store;
}

Status Store::UndoInstalls() {
  for (const std::filesystem::path& folder : Children(store_dir_)) {
    if (folder.extension() == kOldSuffix) {
      FLOTILLA_RETURN_IF_ERROR(RemoveFolder(folder));
    }
    if (folder.extension() != kNewSuffix) {
      continue;
    }
    const StatusOr<Digest> sha256 = Digest::FromHex(folder.stem().string());
    for (const BlobKind kind : {BlobKind::kModel, BlobKind::kAdapter}) {
      const std::filesystem::path file = folder / NameOf(kind);
      if (sha256.ok() && Exists(file)) {
        FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.Rename(file, PartPath(*sha256))));
        FLOTILLA_RETURN_IF_ERROR(WithSyncReason(fs_.SyncDir(staging_dir_)));
      }
    }
    FLOTILLA_RETURN_IF_ERROR(RemoveFolder(folder));
  }
  return OkStatus();
}

std::filesystem::path Store::FolderOf(const Digest& sha256) const {
  return store_dir_ / sha256.ToHex();
}

bool Store::Contains(const Digest& sha256) const {
  return Exists(FolderOf(sha256) / kManifestName);
}

std::filesystem::path Store::PathOf(const Digest& sha256, BlobKind kind) const {
  return FolderOf(sha256) / NameOf(kind);
}

std::filesystem::path Store::MapPathOf(const Digest& sha256) const {
  return FolderOf(sha256) / kMapName;
}

std::filesystem::path Store::PartPath(const Digest& sha256) const {
  return staging_dir_ / (sha256.ToHex() + ".part");
}

std::filesystem::path Store::IndexPath(const Digest& sha256) const {
  return staging_dir_ / (sha256.ToHex() + ".idx");
}

Status Store::Install(const Digest& sha256, BlobKind kind, std::uint64_t length_bytes,
                      ByteView map) {
  if (Contains(sha256)) {
    return DropPart(sha256);
  }
  const std::filesystem::path folder = WithSuffix(FolderOf(sha256), kNewSuffix);
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.MakeDir(folder)));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableWrite(fs_, folder / kMapName, map)));
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.Rename(PartPath(sha256), folder / NameOf(kind))));
  // The new name is durable before the old one is gone for good.
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(fs_.SyncDir(folder)));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(fs_.SyncDir(staging_dir_)));
  FLOTILLA_RETURN_IF_ERROR(Seal(sha256, kind, length_bytes));
  return DropPart(sha256);
}

Status Store::InstallBytes(const Digest& sha256, BlobKind kind, ByteView bytes) {
  if (Contains(sha256)) {
    return OkStatus();
  }
  const std::filesystem::path folder = WithSuffix(FolderOf(sha256), kNewSuffix);
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.MakeDir(folder)));
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableWrite(fs_, folder / NameOf(kind), bytes)));
  return Seal(sha256, kind, bytes.size());
}

Status Store::Seal(const Digest& sha256, BlobKind kind, std::uint64_t length_bytes) {
  const std::filesystem::path folder = WithSuffix(FolderOf(sha256), kNewSuffix);
  const std::string manifest = ManifestText(sha256, kind, length_bytes);
  FLOTILLA_RETURN_IF_ERROR(
      WithSyncReason(DurableWrite(fs_, folder / kManifestName, AsBytes(manifest))));
  FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.Rename(folder, FolderOf(sha256))));
  return WithSyncReason(fs_.SyncDir(store_dir_));
}

StatusOr<Bytes> Store::Read(const Digest& sha256, BlobKind kind, std::uint64_t max_bytes) const {
  if (!Contains(sha256)) {
    return NotFound("not in the store: " + sha256.ToHex());
  }
  StatusOr<Bytes> bytes = ReadFile(PathOf(sha256, kind), max_bytes);
  if (!bytes.ok()) {
    return WithStorageReason(bytes.status());
  }
  return bytes;
}

Status Store::DropPart(const Digest& sha256) {
  // The index first: bytes without an index are fetched again, an index without bytes would lie.
  FLOTILLA_RETURN_IF_ERROR(WithSyncReason(DurableRemove(fs_, IndexPath(sha256))));
  return WithSyncReason(DurableRemove(fs_, PartPath(sha256)));
}

std::vector<Digest> Store::List() const {
  std::vector<Digest> digests;
  for (const std::filesystem::path& folder : Children(store_dir_)) {
    const StatusOr<Digest> sha256 = Digest::FromHex(folder.filename().string());
    if (sha256.ok() && Contains(*sha256)) {
      digests.push_back(*sha256);
    }
  }
  return digests;
}

std::uint64_t Store::UsedBytes() const {
  std::uint64_t used = 0;
  const auto add = [&used](const std::filesystem::path& folder) {
    for (const std::filesystem::path& file : Children(folder)) {
      const StatusOr<std::uint64_t> size = FileSize(file);
      used += size.ok() ? *size : 0;
    }
  };
  add(staging_dir_);
  for (const std::filesystem::path& folder : Children(store_dir_)) {
    add(folder);
  }
  return used;
}

Status Store::RemoveFolder(const std::filesystem::path& folder) {
  std::filesystem::path doomed = folder;
  if (folder.extension() != kOldSuffix) {
    doomed = WithSuffix(folder, kOldSuffix);
    FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.Rename(folder, doomed)));
    FLOTILLA_RETURN_IF_ERROR(WithSyncReason(fs_.SyncDir(store_dir_)));
  }
  for (const std::filesystem::path& file : Children(doomed)) {
    FLOTILLA_RETURN_IF_ERROR(WithStorageReason(fs_.Remove(file)));
  }
  return WithSyncReason(DurableRemove(fs_, doomed));
}

Status Store::CollectGarbage(const std::set<Digest>& keep) {
  Status first;
  for (const Digest& sha256 : List()) {
    if (!keep.contains(sha256)) {
      KeepFirst(first, RemoveFolder(FolderOf(sha256)));
    }
  }
  std::set<Digest> staged;
  for (const std::filesystem::path& file : Children(staging_dir_)) {
    const StatusOr<Digest> sha256 = Digest::FromHex(file.stem().string());
    if (sha256.ok() && !keep.contains(*sha256)) {
      staged.insert(*sha256);
    }
  }
  for (const Digest& sha256 : staged) {
    KeepFirst(first, DropPart(sha256));
  }
  return first;
}

}  // namespace flotilla::ota
