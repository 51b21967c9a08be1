#include "security/secret.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>

#include "base/unique_fd.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

}  // namespace

void Secret::Wipe() {
  if (!bytes_.empty()) {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
  }
  bytes_.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

StatusOr<Secret> ReadSecretFd(int fd, const std::string& name) {
  std::array<char, kMaxSecretBytes> line{};
  std::size_t used = 0;
  const auto wiped = [&line](StatusOr<Secret> result) {
    OPENSSL_cleanse(line.data(), line.size());
    return result;
  };
  while (used < line.size()) {
    // One byte at a time: what follows the line is the next reader's.
    const ::ssize_t count = ::read(fd, &line.at(used), 1);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return wiped(ErrnoStatus(errno, name));
    }
    if (count == 0 || line.at(used) == '\n') {
      break;
    }
    ++used;
  }
  if (used == line.size()) {
    return wiped(InvalidArgument(name + ": the first line is longer than 4 KiB"));
  }
  if (used > 0 && line.at(used - 1) == '\r') {
    --used;
  }
  if (used == 0) {
    return wiped(InvalidArgument(name + ": the first line is empty"));
  }
  return wiped(Secret(std::string_view(line.data(), used)));
}

StatusOr<Secret> ReadSecretFile(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return ErrnoStatus(errno, path.string());
  }
  return ReadSecretFd(file.get(), path.string());
}

}  // namespace flotilla::security
