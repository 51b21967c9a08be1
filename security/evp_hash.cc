#include "security/evp_hash.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

void Require(bool done) {
  if (!done) {
    std::abort();
  }
}

}  // namespace

std::shared_ptr<evp_md_ctx_st> StartHash(const evp_md_st* algorithm) {
  std::shared_ptr<evp_md_ctx_st> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Require(context != nullptr);
  Require(EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1);
  return context;
}

void UpdateHash(evp_md_ctx_st& context, ByteView bytes) {
  Require(EVP_DigestUpdate(&context, bytes.data(), bytes.size()) == 1);
}

void FinishHash(evp_md_ctx_st& context, std::span<std::uint8_t> out) {
  unsigned length = 0;
  Require(EVP_MD_CTX_get_size(&context) == static_cast<int>(out.size()));
  Require(EVP_DigestFinal_ex(&context, out.data(), &length) == 1);
  Require(EVP_DigestInit_ex(&context, nullptr, nullptr) == 1);
}

}  // namespace flotilla::security
