// SHA-512, which TUF metadata may list beside SHA-256 or instead of it.
#ifndef FLOTILLA_SECURITY_SHA512_H_
#define FLOTILLA_SECURITY_SHA512_H_

#include <cstddef>
#include <memory>

#include "base/bytes.h"

struct evp_md_ctx_st;

namespace flotilla::security {

inline constexpr std::size_t kSha512Size = 64;

// Like Sha256Hasher; Finish gives 64 bytes.
class Sha512Hasher {
 public:
  Sha512Hasher();
  Sha512Hasher(Sha512Hasher&&) = default;
  Sha512Hasher& operator=(Sha512Hasher&&) = default;
  Sha512Hasher(const Sha512Hasher&) = delete;
  Sha512Hasher& operator=(const Sha512Hasher&) = delete;
  ~Sha512Hasher() = default;

  void Update(ByteView bytes);
  Bytes Finish();

 private:
  std::shared_ptr<evp_md_ctx_st> context_;
};

Bytes Sha512(ByteView bytes);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_SHA512_H_
