#include "security/sha256.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include <openssl/evp.h>

#include "base/unique_fd.h"
#include "security/evp_hash.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20U;

// Looked up once: OpenSSL 3 looks a legacy constant up again for every hash.
const EVP_MD* Algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched == nullptr ? EVP_sha256() : fetched;
}

}  // namespace

Sha256Hasher::Sha256Hasher() : context_(StartHash(Algorithm())) {}

void Sha256Hasher::Update(ByteView bytes) {
  UpdateHash(*context_, bytes);
}

Digest Sha256Hasher::Finish() {
  std::array<std::uint8_t, Digest::kSize> out{};
  FinishHash(*context_, out);
  return Digest(out);
}

Digest Sha256(ByteView bytes) {
  Sha256Hasher hasher;
  hasher.Update(bytes);
  return hasher.Finish();
}

StatusOr<Digest> Sha256File(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    return ErrnoStatus(errno, "opening " + path.string());
  }
  Sha256Hasher hasher;
  Bytes buffer(kReadBytes);
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got == 0) {
      return hasher.Finish();
    }
    if (got > 0) {
      hasher.Update(ByteView(buffer).first(static_cast<std::size_t>(got)));
    } else if (errno != EINTR) {
      return ErrnoStatus(errno, "reading " + path.string());
    }
  }
}

}  // namespace flotilla::security
