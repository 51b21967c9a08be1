#include <cstddef>
#include <cstring>

#include <array>
#include <memory>
#include <string_view>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "security/sha256.h"
#include "security/tpm2/provider_parts.h"

namespace flotilla::security::tpm2 {
namespace {

constexpr std::array<unsigned char, 12> kEcdsaSha256Der = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

struct Signing {
  std::shared_ptr<Tpm2Key> key;
  Sha256Hasher hasher;
};

void* NewSigning(void* /*state*/, const char* /*properties*/) {
  return new Signing();
}

void FreeSigning(void* signing) {
  delete static_cast<Signing*>(signing);
}

int BeginSigning(void* data, const char* digest, void* key, const OSSL_PARAM /*params*/[]) {
  auto* signing = static_cast<Signing*>(data);
  if (key != nullptr) {
    signing->key = static_cast<Key*>(key)->held;
  }
  signing->hasher = Sha256Hasher();
  const std::string_view name = digest == nullptr ? "SHA256" : digest;
  const bool known =
      name == "SHA256" || name == "SHA2-256" || name == "SHA-256" || name == "sha256";
  return signing->key != nullptr && known ? 1 : 0;
}

int AddBytes(void* data, const unsigned char* bytes, std::size_t size) {
  static_cast<Signing*>(data)->hasher.Update({bytes, size});
  return 1;
}

int EndSigning(void* data, unsigned char* out, std::size_t* length, std::size_t size) {
  auto* signing = static_cast<Signing*>(data);
  if (out == nullptr) {
    *length = kMaxSignature;
    return 1;
  }
  const StatusOr<Bytes> signature = signing->key->SignDigest(signing->hasher.Finish().bytes());
  if (!signature.ok() || signature->size() > size) {
    return 0;
  }
  std::memcpy(out, signature->data(), signature->size());
  *length = signature->size();
  return 1;
}

int SignBytes(void* data, unsigned char* out, std::size_t* length, std::size_t size,
              const unsigned char* bytes, std::size_t count) {
  if (out != nullptr) {
    AddBytes(data, bytes, count);
  }
  return EndSigning(data, out, length, size);
}

int GetSigningParams(void* /*signing*/, OSSL_PARAM* params) {
  return SetOctets(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID, kEcdsaSha256Der) == 1 &&
                 SetText(params, OSSL_SIGNATURE_PARAM_DIGEST, "SHA256") == 1
             ? 1
             : 0;
}

const OSSL_PARAM* SigningParams(void* /*signing*/, void* /*state*/) {
  static const OSSL_PARAM params[] = {
      OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0), OSSL_PARAM_END};
  return params;
}

}  // namespace

const OSSL_ALGORITHM* SignatureTable() {
  static const OSSL_DISPATCH functions[] = {
      Entry(OSSL_FUNC_SIGNATURE_NEWCTX, &NewSigning),
      Entry(OSSL_FUNC_SIGNATURE_FREECTX, &FreeSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, &BeginSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, &AddBytes),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, &EndSigning),
      Entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, &SignBytes),
      Entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, &GetSigningParams),
      Entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, &SigningParams),
      {0, nullptr}};
  static const OSSL_ALGORITHM table[] = {{"ECDSA", kProperties, functions, nullptr},
                                         {nullptr, nullptr, nullptr, nullptr}};
  return table;
}

}  // namespace flotilla::security::tpm2
