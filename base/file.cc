#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/unique_fd.h"

namespace flotilla {

StatusOr<Bytes> ReadFile(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return ErrnoStatus(errno, path.string());
  }
  Bytes bytes;
  std::array<std::uint8_t, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoStatus(errno, path.string());
    }
    if (got == 0) {
      return bytes;
    }
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + got);
    if (bytes.size() > max_bytes) {
      return ResourceExhausted(path.string() + " is larger than " + std::to_string(max_bytes) +
                               " bytes");
    }
  }
}

StatusOr<std::uint64_t> FileSize(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return ErrnoStatus(errno, path.string());
  }
  if (!S_ISREG(info.st_mode)) {
    return FailedPrecondition(path.string() + " is no regular file");
  }
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace flotilla
