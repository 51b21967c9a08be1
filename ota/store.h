// What a device has installed, by content: state_dir/store/<sha256
// hex>/{model.gguf|adapter.gguf|chat_template.txt|golden.jsonl|release.json, map, manifest}.
// Releases that have a file in common share its folder. A folder there is complete and verified: it
// appears by one rename after its files are durable. Beside it lies state_dir/staging/, where
// downloads grow: <sha256>.part and <sha256>.idx.
#ifndef FLOTILLA_OTA_STORE_H_
#define FLOTILLA_OTA_STORE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/durable_fs.h"
#include "base/status.h"

namespace flotilla::ota {

enum class BlobKind { kUnspecified = 0, kModel, kGolden, kRelease, kAdapter, kChatTemplate };

class Store {
 public:
  // Creates the folders and brings left-overs of a crash in order: a download that was on its way
  // into the store goes back to staging, half-removed folders vanish. `state_dir` is absolute; `fs`
  // must outlive the store.
  static StatusOr<std::unique_ptr<Store>> Open(const std::filesystem::path& state_dir,
                                               DurableFs& fs);

  bool Contains(const Digest& sha256) const;
  // Where the bytes lie, whether or not they are there: store/<hex>/model.gguf.
  std::filesystem::path PathOf(const Digest& sha256, BlobKind kind) const;
  // The leaf map beside a model or an adapter.
  std::filesystem::path MapPathOf(const Digest& sha256) const;
  std::filesystem::path PartPath(const Digest& sha256) const;
  std::filesystem::path IndexPath(const Digest& sha256) const;

  // Moves the complete, synced and verified staging/<hex>.part into the store, its leaf map beside
  // it. Idempotent. After an error the part is in staging or the folder is in the store.
  Status Install(const Digest& sha256, BlobKind kind, std::uint64_t length_bytes, ByteView map);
  // Puts a small verified blob into the store. Idempotent.
  Status InstallBytes(const Digest& sha256, BlobKind kind, ByteView bytes);
  // The bytes of a small blob; they were verified when they were stored. NOT_FOUND.
  StatusOr<Bytes> Read(const Digest& sha256, BlobKind kind, std::uint64_t max_bytes) const;

  // Throws a download away.
  Status DropPart(const Digest& sha256);
  std::vector<Digest> List() const;
  // Bytes of everything stored and of every download, each part as large as it will become.
  std::uint64_t UsedBytes() const;
  // Removes every stored folder and every download that is not in `keep`; goes on after an error
  // and returns the first.
  Status CollectGarbage(const std::set<Digest>& keep);

 private:
  Store(const std::filesystem::path& state_dir, DurableFs& fs);

  std::filesystem::path FolderOf(const Digest& sha256) const;
  Status RemoveFolder(const std::filesystem::path& folder);
  Status UndoInstalls();
  Status Seal(const Digest& sha256, BlobKind kind, std::uint64_t length_bytes);

  std::filesystem::path store_dir_;
  std::filesystem::path staging_dir_;
  DurableFs& fs_;
};

// Everything the lines of this device refer to: current, previous and failed releases, the release
// of an update under way. Never collect one of these. DATA_LOSS when a record cannot be read (then
// collect nothing).
StatusOr<std::set<Digest>> ReferencedBlobs(const std::filesystem::path& state_dir);

}  // namespace flotilla::ota

#endif  // FLOTILLA_OTA_STORE_H_
