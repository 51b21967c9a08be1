// Streaming digests over OpenSSL's EVP, shared by sha256.cc and sha512.cc.
#ifndef FLOTILLA_SECURITY_EVP_HASH_H_
#define FLOTILLA_SECURITY_EVP_HASH_H_

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

struct evp_md_ctx_st;
struct evp_md_st;

namespace flotilla::security {

// A context that hashes with `algorithm`. Ends the process when OpenSSL has no memory or no such
// algorithm: nothing can be verified then.
std::shared_ptr<evp_md_ctx_st> StartHash(const evp_md_st* algorithm);
void UpdateHash(evp_md_ctx_st& context, ByteView bytes);
// Fills `out`, which is as long as the digest, and starts again with the same algorithm.
void FinishHash(evp_md_ctx_st& context, std::span<std::uint8_t> out);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_EVP_HASH_H_
