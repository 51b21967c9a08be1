#include "security/public_key.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kEd25519Bytes = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
constexpr std::size_t kMaxPemBytes = 16'384;

Status Failed(const std::string& what) {
  return InvalidArgument(what + ": " + OpenSslErrors());
}

KeyKind KindOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    return KeyKind::kEd25519;
  }
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    return bits >= kMinRsaBits && bits <= kMaxRsaBits ? KeyKind::kRsaPss : KeyKind::kUnspecified;
  }
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (EVP_PKEY_is_a(key, "EC") == 1 &&
      EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
      std::string_view(group.data(), length) == "prime256v1") {
    return KeyKind::kEcdsaP256;
  }
  return KeyKind::kUnspecified;
}

StatusOr<std::string> PemOf(const EVP_PKEY* key) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_PUBKEY(memory.get(), key) != 1) {
    return Failed("writing a public key");
  }
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

StatusOr<Bytes> SpkiOf(const EVP_PKEY* key) {
  const int length = i2d_PUBKEY(key, nullptr);
  if (length <= 0) {
    return Failed("encoding a public key");
  }
  Bytes der(static_cast<std::size_t>(length));
  unsigned char* out = der.data();
  if (i2d_PUBKEY(key, &out) != length) {
    return Failed("encoding a public key");
  }
  return der;
}

StatusOr<std::string> RawHexOf(const EVP_PKEY* key) {
  Bytes raw(kEd25519Bytes);
  std::size_t length = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &length) != 1 || length != raw.size()) {
    return Failed("reading a raw public key");
  }
  return HexEncode(raw);
}

StatusOr<KeyKind> KindFromTuf(std::string_view keytype, std::string_view scheme) {
  if (keytype == "ed25519" && scheme == "ed25519") {
    return KeyKind::kEd25519;
  }
  // Older repositories wrote the scheme as the key type.
  if ((keytype == "ecdsa" || keytype == "ecdsa-sha2-nistp256") && scheme == "ecdsa-sha2-nistp256") {
    return KeyKind::kEcdsaP256;
  }
  if (keytype == "rsa" && scheme == "rsassa-pss-sha256") {
    return KeyKind::kRsaPss;
  }
  return Unimplemented("key type " + std::string(keytype) + " with scheme " + std::string(scheme));
}

// PSS with MGF1 and SHA-256; any salt length the signer chose.
bool SetPss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
}

}  // namespace

StatusOr<PublicKey> PublicKey::FromEvp(std::shared_ptr<evp_pkey_st> key) {
  PublicKey result;
  result.kind_ = KindOf(key.get());
  if (result.kind_ == KeyKind::kUnspecified) {
    return Failed("not an Ed25519, P-256 or RSA (2048 to 8192 bit) key");
  }
  FLOTILLA_ASSIGN_OR_RETURN(result.spki_der_, SpkiOf(key.get()));
  FLOTILLA_ASSIGN_OR_RETURN(result.tuf_value_, result.kind_ == KeyKind::kEd25519
                                                   ? RawHexOf(key.get())
                                                   : PemOf(key.get()));
  result.key_ = std::move(key);
  return result;
}

StatusOr<PublicKey> PublicKey::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return InvalidArgument("a public key PEM of more than 16 KiB");
  }
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr),
                                EVP_PKEY_free);
  if (key == nullptr) {
    return Failed("not a public key PEM");
  }
  return FromEvp(std::move(key));
}

StatusOr<PublicKey> PublicKey::FromTuf(std::string_view keytype, std::string_view scheme,
                                       std::string_view value) {
  FLOTILLA_ASSIGN_OR_RETURN(const KeyKind kind, KindFromTuf(keytype, scheme));
  if (kind == KeyKind::kEd25519) {
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes raw, HexDecode(value));
    std::shared_ptr<EVP_PKEY> key(
        raw.size() == kEd25519Bytes
            ? EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw.data(), raw.size())
            : nullptr,
        EVP_PKEY_free);
    if (key == nullptr) {
      return Failed("not an Ed25519 public key of 64 hex digits");
    }
    return FromEvp(std::move(key));
  }
  FLOTILLA_ASSIGN_OR_RETURN(PublicKey key, FromPem(value));
  if (key.kind() != kind) {
    return InvalidArgument("the key is not of the type that is written beside it");
  }
  key.tuf_value_ = std::string(value);
  return key;
}

std::string PublicKey::tuf_keytype() const {
  switch (kind_) {
    case KeyKind::kEd25519:
      return "ed25519";
    case KeyKind::kEcdsaP256:
      return "ecdsa";
    case KeyKind::kRsaPss:
      return "rsa";
    case KeyKind::kUnspecified:
      break;
  }
  return "";
}

std::string PublicKey::tuf_scheme() const {
  switch (kind_) {
    case KeyKind::kEd25519:
      return "ed25519";
    case KeyKind::kEcdsaP256:
      return "ecdsa-sha2-nistp256";
    case KeyKind::kRsaPss:
      return "rsassa-pss-sha256";
    case KeyKind::kUnspecified:
      break;
  }
  return "";
}

std::string PublicKey::ToPem() const {
  return PemOf(key_.get()).value_or("");
}

Status PublicKey::Verify(ByteView message, ByteView signature) const {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* digest = kind_ == KeyKind::kEd25519 ? nullptr : EVP_sha256();
  const bool ready =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key_.get()) == 1 &&
      (kind_ != KeyKind::kRsaPss || SetPss(key_context));
  if (!ready || EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                 message.size()) != 1) {
    return PermissionDenied("the signature does not verify: " + OpenSslErrors());
  }
  return OkStatus();
}

}  // namespace flotilla::security
