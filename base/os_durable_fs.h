#ifndef FLOTILLA_BASE_OS_DURABLE_FS_H_
#define FLOTILLA_BASE_OS_DURABLE_FS_H_

#include <filesystem>
#include <memory>

#include "base/durable_fs.h"

namespace flotilla {

// pwrite, fdatasync, rename, fsync of folders, on the real file system. Thread-safe.
class OsDurableFs final : public DurableFs {
 public:
  StatusOr<std::unique_ptr<DurableFile>> Create(const std::filesystem::path& path,
                                                const CreateOptions& options) override;
  Status MakeDir(const std::filesystem::path& path) override;
  Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status Remove(const std::filesystem::path& path) override;
  Status SyncDir(const std::filesystem::path& path) override;
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_OS_DURABLE_FS_H_
