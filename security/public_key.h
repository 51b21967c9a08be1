// A public key that signatures on release metadata are checked with.
#ifndef FLOTILLA_SECURITY_PUBLIC_KEY_H_
#define FLOTILLA_SECURITY_PUBLIC_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

struct evp_pkey_st;

namespace flotilla::security {

enum class KeyKind {
  kUnspecified = 0,
  kEd25519,    // keytype "ed25519", scheme "ed25519", 64 hex digits
  kEcdsaP256,  // keytype "ecdsa", scheme "ecdsa-sha2-nistp256", PEM
  kRsaPss,     // keytype "rsa", scheme "rsassa-pss-sha256", PEM, 2048 to 8192 bit
};

// Immutable, copyable (copies share the key). Thread-safe.
class PublicKey {
 public:
  // A key as TUF metadata writes it. UNIMPLEMENTED: a keytype or scheme this build does not know
  // (such a key may stand in metadata, it just never counts). INVALID_ARGUMENT: a known kind with a
  // bad value.
  static StatusOr<PublicKey> FromTuf(std::string_view keytype, std::string_view scheme,
                                     std::string_view value);
  // "-----BEGIN PUBLIC KEY-----" of any of the kinds. INVALID_ARGUMENT otherwise.
  static StatusOr<PublicKey> FromPem(std::string_view pem);
  // The public half of `key`, which is shared, not copied. INVALID_ARGUMENT: no kind of ours.
  static StatusOr<PublicKey> FromEvp(std::shared_ptr<evp_pkey_st> key);

  KeyKind kind() const { return kind_; }
  // The three texts that FromTuf reads.
  std::string tuf_keytype() const;
  std::string tuf_scheme() const;
  const std::string& tuf_value() const { return tuf_value_; }
  // SubjectPublicKeyInfo, DER: equal for equal keys, whatever name they go by.
  const Bytes& spki_der() const { return spki_der_; }
  std::string ToPem() const;

  // PERMISSION_DENIED (no reason attached: whether one bad signature matters is the caller's
  // knowledge) unless `signature` is this key's over `message`.
  Status Verify(ByteView message, ByteView signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return a.spki_der_ == b.spki_der_;
  }

 private:
  PublicKey() = default;

  KeyKind kind_ = KeyKind::kUnspecified;
  std::string tuf_value_;
  Bytes spki_der_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_PUBLIC_KEY_H_
