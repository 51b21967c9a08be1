#include "controller/http/file_pieces.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace flotilla::http {

FilePieces::FilePieces(UniqueFd fd, const FileSlice& slice)
    : fd_(std::move(fd)), offset_(slice.offset), left_(slice.length) {}

StatusOr<std::unique_ptr<FilePieces>> FilePieces::Open(const FileSlice& slice) {
  UniqueFd fd(::open(slice.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    return ErrnoStatus(errno, slice.path.filename().string());
  }
  return std::unique_ptr<FilePieces>(new FilePieces(std::move(fd), slice));
}

StatusOr<std::size_t> FilePieces::Read(std::span<std::uint8_t> out) {
  const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
  if (want == 0) {
    return std::size_t{0};
  }
  const ssize_t got = ::pread(fd_.get(), out.data(), want, static_cast<off_t>(offset_));
  if (got < 0) {
    return ErrnoStatus(errno, "reading a served file");
  }
  if (got == 0) {
    return DataLoss("a served file became shorter while it was sent");
  }
  offset_ += static_cast<std::uint64_t>(got);
  left_ -= static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

}  // namespace flotilla::http
