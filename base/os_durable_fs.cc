#include "base/os_durable_fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/unique_fd.h"

namespace flotilla {
namespace {

class OsDurableFile final : public DurableFile {
 public:
  OsDurableFile(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Status Write(std::uint64_t offset, ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written < 0) {
        return ErrnoStatus(errno, name_);
      }
      offset += static_cast<std::uint64_t>(written);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return OkStatus();
  }

  Status Sync() override {
    // fdatasync writes the size too when it changed, which is all of the metadata that matters
    // here.
    return ::fdatasync(fd_.get()) == 0 ? OkStatus() : ErrnoStatus(errno, "sync of " + name_);
  }

 private:
  UniqueFd fd_;
  std::string name_;
};

}  // namespace

StatusOr<std::unique_ptr<DurableFile>> OsDurableFs::Create(const std::filesystem::path& path,
                                                           const CreateOptions& options) {
  const int extra = options.mode == CreateMode::kExclusive ? O_EXCL : 0;
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | extra,
                     options.permissions));
  if (!fd.valid()) {
    return ErrnoStatus(errno, path.string());
  }
  if (options.reserve_bytes > 0) {
    const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(options.reserve_bytes));
    if (error != 0) {
      return ErrnoStatus(error, "reserving " + std::to_string(options.reserve_bytes) +
                                    " bytes for " + path.string());
    }
  }
  return std::make_unique<OsDurableFile>(std::move(fd), path.string());
}

Status OsDurableFs::MakeDir(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) {
    return OkStatus();
  }
  return ErrnoStatus(errno, path.string());
}

Status OsDurableFs::Rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0
             ? OkStatus()
             : ErrnoStatus(errno, "renaming " + from.string() + " to " + to.string());
}

Status OsDurableFs::Remove(const std::filesystem::path& path) {
  return ::remove(path.c_str()) == 0 ? OkStatus() : ErrnoStatus(errno, path.string());
}

Status OsDurableFs::SyncDir(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.empty() ? std::filesystem::path(".") : path;
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return ErrnoStatus(errno, folder.string());
  }
  return ::fsync(fd.get()) == 0 ? OkStatus()
                                : ErrnoStatus(errno, "sync of folder " + folder.string());
}

}  // namespace flotilla
