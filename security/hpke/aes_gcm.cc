#include "security/hpke/aes_gcm.h"

#include <climits>

#include <array>
#include <cstddef>
#include <cstdint>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "security/hpke/key_schedule.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

enum class Direction : int { kOpen = 0, kSeal = 1 };

Status Failed() {
  return Internal("AES-128-GCM: " + OpenSslErrors());
}

Status CheckSizes(ByteView key, ByteView nonce, ByteView aad, ByteView text) {
  if (key.size() != kHpkeKeyBytes || nonce.size() != kHpkeNonceBytes) {
    return InvalidArgument("AES-128-GCM takes a key of 16 bytes and a nonce of 12");
  }
  if (aad.size() > INT_MAX || text.size() > INT_MAX) {
    return InvalidArgument("AES-128-GCM: the message is too long");
  }
  return OkStatus();
}

// A context that has seen the additional data and turned `text` into `out`; the tag is open.
StatusOr<EvpCipherCtxPtr> Run(Direction direction, ByteView key, ByteView nonce, ByteView aad,
                              ByteView text, std::uint8_t* out) {
  EvpCipherCtxPtr context(EVP_CIPHER_CTX_new());
  int length = 0;
  if (context == nullptr ||
      EVP_CipherInit_ex2(context.get(), EVP_aes_128_gcm(), key.data(), nonce.data(),
                         static_cast<int>(direction), nullptr) != 1) {
    return Failed();
  }
  if (!aad.empty() && EVP_CipherUpdate(context.get(), nullptr, &length, aad.data(),
                                       static_cast<int>(aad.size())) != 1) {
    return Failed();
  }
  if (!text.empty() && EVP_CipherUpdate(context.get(), out, &length, text.data(),
                                        static_cast<int>(text.size())) != 1) {
    return Failed();
  }
  return context;
}

}  // namespace

StatusOr<Bytes> AesGcmSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  FLOTILLA_RETURN_IF_ERROR(CheckSizes(key, nonce, aad, plaintext));
  Bytes out(plaintext.size() + kHpkeTagBytes);
  FLOTILLA_ASSIGN_OR_RETURN(const EvpCipherCtxPtr context,
                            Run(Direction::kSeal, key, nonce, aad, plaintext, out.data()));
  std::uint8_t* const tag = out.data() + plaintext.size();
  int length = 0;
  if (EVP_CipherFinal_ex(context.get(), tag, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kHpkeTagBytes),
                          tag) != 1) {
    return Failed();
  }
  return out;
}

StatusOr<Bytes> AesGcmOpen(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext) {
  if (ciphertext.size() < kHpkeTagBytes) {
    return InvalidArgument("the sealed message is shorter than its tag");
  }
  const ByteView text = ciphertext.first(ciphertext.size() - kHpkeTagBytes);
  FLOTILLA_RETURN_IF_ERROR(CheckSizes(key, nonce, aad, text));
  std::array<std::uint8_t, kHpkeTagBytes> tag{};
  for (std::size_t i = 0; i < tag.size(); ++i) {
    tag.at(i) = ciphertext[text.size() + i];
  }
  Bytes out(text.size());
  FLOTILLA_ASSIGN_OR_RETURN(const EvpCipherCtxPtr context,
                            Run(Direction::kOpen, key, nonce, aad, text, out.data()));
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                          tag.data()) != 1) {
    return Failed();
  }
  std::array<std::uint8_t, kHpkeTagBytes> rest{};
  int length = 0;
  if (EVP_CipherFinal_ex(context.get(), rest.data(), &length) != 1) {
    OPENSSL_cleanse(out.data(), out.size());
    OpenSslErrors();
    return Unauthenticated("the sealed message was not made for this key and its context");
  }
  return out;
}

}  // namespace flotilla::security
