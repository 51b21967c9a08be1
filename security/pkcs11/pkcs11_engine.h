// Keys in PKCS#11 tokens.
#ifndef FLOTILLA_SECURITY_PKCS11_PKCS11_ENGINE_H_
#define FLOTILLA_SECURITY_PKCS11_PKCS11_ENGINE_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "security/public_key.h"
#include "security/signer.h"

namespace flotilla::security {

// A token's library, opened. P-256 and RSA keys; Ed25519 where libp11 knows it (0.4.12 does not).
// One thread at a time.
// Its signers keep it open. While one is open another module cannot be: name p11-kit's proxy then.
class Pkcs11Engine : public std::enable_shared_from_this<Pkcs11Engine> {
 public:
  // Empty `module`: p11-kit's proxy. FAILED_PRECONDITION: libp11's engine is not installed, or the
  // module cannot be loaded.
  static StatusOr<std::shared_ptr<Pkcs11Engine>> Open(const std::filesystem::path& module);
  ~Pkcs11Engine();
  Pkcs11Engine(const Pkcs11Engine&) = delete;
  Pkcs11Engine& operator=(const Pkcs11Engine&) = delete;

  // `uri` without a query part. Empty `pin`: none is given. NOT_FOUND: no such token or key;
  // UNAUTHENTICATED: the PIN is missing or wrong; FAILED_PRECONDITION: it is locked;
  // INVALID_ARGUMENT: a kind of key that cannot sign here.
  StatusOr<std::unique_ptr<Signer>> OpenKey(const std::string& uri, std::string_view pin);
  // Without a PIN, where the token shows public keys to everybody. Errors as OpenKey.
  StatusOr<PublicKey> ReadPublicKey(const std::string& uri);

 private:
  struct State;

  explicit Pkcs11Engine(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace flotilla::security

#endif  // FLOTILLA_SECURITY_PKCS11_PKCS11_ENGINE_H_
