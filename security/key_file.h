// Private keys of publishers and of the online roles, as PEM files (PKCS#8, optionally encrypted).
#ifndef FLOTILLA_SECURITY_KEY_FILE_H_
#define FLOTILLA_SECURITY_KEY_FILE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/durable_fs.h"
#include "base/status.h"
#include "security/public_key.h"
#include "security/secret.h"
#include "security/signer.h"

namespace flotilla::security {

// A private key in memory.
class KeyPair final : public Signer {
 public:
  // A fresh key; RSA has 3072 bits. INTERNAL when OpenSSL refuses.
  static StatusOr<std::unique_ptr<KeyPair>> Generate(KeyKind kind);
  // UNAUTHENTICATED: encrypted and `passphrase` is empty or wrong. INVALID_ARGUMENT: no private key
  // of a known kind. Reads PBKDF2 and older encryptions too.
  static StatusOr<std::unique_ptr<KeyPair>> FromPem(std::string_view pem,
                                                    std::string_view passphrase);

  // A key that OpenSSL holds, wherever it lives. INVALID_ARGUMENT: no kind of ours.
  static StatusOr<std::unique_ptr<KeyPair>> FromEvp(std::shared_ptr<evp_pkey_st> key);

  const PublicKey& public_key() const override { return public_key_; }
  StatusOr<Bytes> Sign(ByteView message) override;
  // PKCS#8; encrypted with AES-256-CBC under scrypt unless `passphrase` is empty.
  StatusOr<Secret> ToPem(std::string_view passphrase) const;

 private:
  KeyPair(std::shared_ptr<evp_pkey_st> key, PublicKey public_key);

  std::shared_ptr<evp_pkey_st> key_;
  PublicKey public_key_;
};

StatusOr<std::unique_ptr<KeyPair>> GenerateEd25519();

// NOT_FOUND; else as KeyPair::FromPem. Blocking.
StatusOr<std::unique_ptr<KeyPair>> LoadSigner(const std::filesystem::path& path,
                                              std::string_view passphrase);

// Writes a new file with permissions 0600, durably. ALREADY_EXISTS: a key is never overwritten.
Status SaveSigner(DurableFs& fs, const std::filesystem::path& path, const KeyPair& key,
                  std::string_view passphrase);

// A public key PEM. NOT_FOUND; INVALID_ARGUMENT.
StatusOr<PublicKey> LoadPublicKey(const std::filesystem::path& path);
// Replaces the file, permissions 0644.
Status SavePublicKey(DurableFs& fs, const std::filesystem::path& path, const PublicKey& key);

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_KEY_FILE_H_
