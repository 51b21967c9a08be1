#include "security/hpke/labeled_hkdf.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";

void Append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Overwritten when it goes out of scope: what is put together here holds key material.
class WipedBytes {
 public:
  explicit WipedBytes(std::size_t capacity) { bytes_.reserve(capacity); }
  WipedBytes(const WipedBytes&) = delete;
  WipedBytes& operator=(const WipedBytes&) = delete;
  ~WipedBytes() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  Bytes& get() { return bytes_; }

 private:
  Bytes bytes_;
};

Status HmacSha256(ByteView key, ByteView message, std::uint8_t* out) {
  unsigned length = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
           out, &length) == nullptr ||
      length != kHkdfHashBytes) {
    return Internal("HMAC-SHA256: " + OpenSslErrors());
  }
  return OkStatus();
}

}  // namespace

LabeledHkdf::LabeledHkdf(Bytes suite_id) : suite_id_(std::move(suite_id)) {}

StatusOr<SecretBytes> LabeledHkdf::Extract(ByteView salt, std::string_view label,
                                           ByteView ikm) const {
  constexpr std::array<std::uint8_t, kHkdfHashBytes> kNoSalt{};
  WipedBytes labeled(kVersion.size() + suite_id_.size() + label.size() + ikm.size());
  Append(labeled.get(), AsBytes(kVersion));
  Append(labeled.get(), suite_id_);
  Append(labeled.get(), AsBytes(label));
  Append(labeled.get(), ikm);
  SecretBytes prk(kHkdfHashBytes);
  FLOTILLA_RETURN_IF_ERROR(
      HmacSha256(salt.empty() ? ByteView(kNoSalt) : salt, labeled.get(), prk.span().data()));
  return prk;
}

StatusOr<SecretBytes> LabeledHkdf::Expand(const SecretBytes& prk, std::string_view label,
                                          ByteView info, std::size_t length) const {
  if (length > kHkdfMaxOutputBytes) {
    return InvalidArgument("HKDF-SHA256 gives no more than 8,160 bytes");
  }
  Bytes labeled = {static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length)};
  Append(labeled, AsBytes(kVersion));
  Append(labeled, suite_id_);
  Append(labeled, AsBytes(label));
  Append(labeled, info);
  SecretBytes out(length);
  SecretBytes block(kHkdfHashBytes);
  std::size_t done = 0;
  for (std::uint8_t counter = 1; done < length; ++counter) {
    WipedBytes message(kHkdfHashBytes + labeled.size() + 1);
    if (counter > 1) {
      Append(message.get(), block.view());
    }
    Append(message.get(), labeled);
    message.get().push_back(counter);
    FLOTILLA_RETURN_IF_ERROR(HmacSha256(prk.view(), message.get(), block.span().data()));
    const std::size_t piece = std::min(kHkdfHashBytes, length - done);
    std::copy_n(block.view().begin(), piece,
                out.span().begin() + static_cast<std::ptrdiff_t>(done));
    done += piece;
  }
  return out;
}

}  // namespace flotilla::security
