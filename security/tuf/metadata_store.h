// Where a client keeps the metadata it trusts.
#ifndef FLOTILLA_SECURITY_TUF_METADATA_STORE_H_
#define FLOTILLA_SECURITY_TUF_METADATA_STORE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "base/unique_fd.h"

namespace flotilla::tuf {

// Port. What Save has answered OK to survives a crash; a file is its old bytes or the new ones.
// One thread at a time. Real: FileMetadataStore; in memory: MemoryMetadataStore.
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;
  // NOT_FOUND when there is none. What is returned is untrusted: a disk can be written to.
  virtual StatusOr<Bytes> Load(const std::string& role, std::uint64_t max_bytes) = 0;
  virtual Status Save(const std::string& role, ByteView bytes) = 0;
  // OK when there is none.
  virtual Status Remove(const std::string& role) = 0;
  virtual StatusOr<Bytes> LoadRoot(std::int64_t version) = 0;
  virtual Status SaveRoot(std::int64_t version, ByteView bytes) = 0;

 protected:
  MetadataStore() = default;
  MetadataStore(const MetadataStore&) = default;
  MetadataStore& operator=(const MetadataStore&) = default;
};

class FileMetadataStore final : public MetadataStore {
 public:
  // Creates the folders and takes the lock, which goes with the object (or the process).
  // UNAVAILABLE with STORAGE_LOCKED; storage errors with STORAGE_IO and its kin.
  static StatusOr<std::unique_ptr<FileMetadataStore>> Open(const std::filesystem::path& folder,
                                                           DurableFs& fs);

  StatusOr<Bytes> Load(const std::string& role, std::uint64_t max_bytes) override;
  Status Save(const std::string& role, ByteView bytes) override;
  Status Remove(const std::string& role) override;
  StatusOr<Bytes> LoadRoot(std::int64_t version) override;
  Status SaveRoot(std::int64_t version, ByteView bytes) override;

 private:
  FileMetadataStore(std::filesystem::path folder, UniqueFd lock, DurableFs& fs);
  std::filesystem::path PathOf(const std::string& role) const;
  std::filesystem::path RootPath(std::int64_t version) const;

  std::filesystem::path folder_;
  UniqueFd lock_;
  DurableFs& fs_;
};

class MemoryMetadataStore final : public MetadataStore {
 public:
  StatusOr<Bytes> Load(const std::string& role, std::uint64_t max_bytes) override;
  Status Save(const std::string& role, ByteView bytes) override;
  Status Remove(const std::string& role) override;
  StatusOr<Bytes> LoadRoot(std::int64_t version) override;
  Status SaveRoot(std::int64_t version, ByteView bytes) override;

 private:
  std::map<std::string, Bytes> files_;
  std::map<std::int64_t, Bytes> roots_;
};

}  // namespace flotilla::tuf

#endif  // FLOTILLA_SECURITY_TUF_METADATA_STORE_H_
