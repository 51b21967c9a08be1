#include "engine/llama/file_digest.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "base/bytes.h"
#include "security/sha256.h"

namespace flotilla::engine {

StatusOr<Digest> DigestOfDescriptor(int fd) {
  constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;
  Bytes piece(kPieceBytes);
  security::Sha256Hasher hasher;
  off_t offset = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, piece.data(), piece.size(), offset);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return ErrnoStatus(errno, "read the model file");
    }
    if (got == 0) {
      return hasher.Finish();
    }
    hasher.Update(ByteView(piece).first(static_cast<std::size_t>(got)));
    offset += got;
  }
}

}  // namespace flotilla::engine
