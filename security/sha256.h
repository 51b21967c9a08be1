// SHA-256 over bytes, streams and files.
#ifndef FLOTILLA_SECURITY_SHA256_H_
#define FLOTILLA_SECURITY_SHA256_H_

#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/status.h"

struct evp_md_ctx_st;

namespace flotilla::security {

// Hashes a stream piece by piece. One thread at a time. Movable; a moved-from hasher may only be
// assigned to or destroyed.
class Sha256Hasher {
 public:
  Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) = default;
  Sha256Hasher& operator=(Sha256Hasher&&) = default;
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;
  ~Sha256Hasher() = default;

  void Update(ByteView bytes);
  // The digest of all bytes so far. The hasher then starts again at nothing.
  Digest Finish();

 private:
  std::shared_ptr<evp_md_ctx_st> context_;
};

Digest Sha256(ByteView bytes);

// Reads the file once through a 1 MiB buffer. NOT_FOUND; else by errno. Blocking.
StatusOr<Digest> Sha256File(const std::filesystem::path& path);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SHA256_H_
