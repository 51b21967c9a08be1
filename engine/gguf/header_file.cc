#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"
#include "engine/gguf/gguf_reader.h"

namespace flotilla::gguf {
namespace {

constexpr std::uint64_t kFirstReadBytes = 1ULL << 20;

StatusOr<Bytes> ReadPrefix(int fd, std::uint64_t bytes) {
  Bytes prefix(bytes);
  std::uint64_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::pread(fd, prefix.data() + done, bytes - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoStatus(errno, "read a GGUF header");
    }
    if (got == 0) {
      return DataLoss("GGUF: the file became shorter while it was read");
    }
    done += static_cast<std::uint64_t>(got);
  }
  return prefix;
}

}  // namespace

StatusOr<Header> ReadHeader(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return ErrnoStatus(errno, "stat a GGUF file");
  }
  if (!S_ISREG(info.st_mode)) {
    return DataLoss("GGUF: not a regular file");
  }
  const auto file_bytes = static_cast<std::uint64_t>(info.st_size);
  const std::uint64_t most = std::min(file_bytes, kMaxHeaderBytes);
  for (std::uint64_t bytes = std::min(most, kFirstReadBytes);; bytes = std::min(most, bytes * 4)) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes prefix, ReadPrefix(fd, bytes));
    StatusOr<Header> header = ParseHeader(prefix, file_bytes);
    if (header.ok() || header.status().code() != StatusCode::kOutOfRange) {
      return header;
    }
    if (bytes == most) {
      return DataLoss("GGUF: the header is larger than " + std::to_string(kMaxHeaderBytes) +
                      " bytes");
    }
  }
}

StatusOr<Header> ReadHeader(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return ErrnoStatus(errno, "open " + path.string());
  }
  return ReadHeader(fd.get());
}

}  // namespace flotilla::gguf
