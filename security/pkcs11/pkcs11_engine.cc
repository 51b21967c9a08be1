// The one file that uses OpenSSL's ENGINE. OpenSSL 3 calls that API deprecated, but the way without
// it, the pkcs11 provider, is not in Debian 12, and libp11's engine is in every distribution that
// this product supports. When that changes, this file is the one to exchange.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "security/pkcs11/pkcs11_engine.h"

#include <memory>
#include <system_error>
#include <utility>

#include <openssl/engine.h>
#include <openssl/evp.h>
#include <openssl/ui.h>

#include "security/key_file.h"
#include "security/openssl_ptr.h"
#include "security/secret.h"

namespace flotilla::security {
namespace {

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// No question is ever asked by the engine itself. ENGINE takes it as not const and leaves it alone.
UI_METHOD* Silent() {
  return const_cast<UI_METHOD*>(UI_null());
}

// The engine's errors are texts of libp11.
Status EngineError(const std::string& uri) {
  const std::string errors = OpenSslErrors();
  if (Has(errors, "PIN locked")) {
    return FailedPrecondition(uri + ": the PIN is locked: unlock it with the token's SO PIN");
  }
  if (Has(errors, "PIN") || Has(errors, "Login failed") || Has(errors, "login")) {
    return Unauthenticated(uri + ": the PIN is missing or wrong");
  }
  if (Has(errors, "Device removed") || Has(errors, "Device error") ||
      Has(errors, "Token not present")) {
    return Unavailable(uri + ": the token does not answer: " + errors);
  }
  return NotFound(uri +
                  ": no such key in any token here; pkcs11-tool --list-token-slots and "
                  "--list-objects show what there is" +
                  (errors.empty() ? "" : " (" + errors + ")"));
}

// Signs through the engine's key. The engine outlives the key.
class TokenSigner final : public Signer {
 public:
  TokenSigner(std::shared_ptr<Pkcs11Engine> engine, std::unique_ptr<KeyPair> key)
      : engine_(std::move(engine)), key_(std::move(key)) {}
  ~TokenSigner() override { key_.reset(); }
  TokenSigner(const TokenSigner&) = delete;
  TokenSigner& operator=(const TokenSigner&) = delete;

  const PublicKey& public_key() const override { return key_->public_key(); }
  StatusOr<Bytes> Sign(ByteView message) override {
    StatusOr<Bytes> signature = key_->Sign(message);
    if (!signature.ok()) {
      return Unavailable("the token did not sign: " + MessageOf(signature.status()));
    }
    return signature;
  }

 private:
  std::shared_ptr<Pkcs11Engine> engine_;
  std::unique_ptr<KeyPair> key_;
};

}  // namespace

struct Pkcs11Engine::State {
  State() = default;
  ~State() {
    if (started) {
      ENGINE_finish(engine);
    }
    ENGINE_free(engine);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  bool Set(const char* name, const std::string& value) const {
    return ENGINE_ctrl_cmd_string(engine, name, value.empty() ? nullptr : value.c_str(), 0) == 1;
  }

  ENGINE* engine = nullptr;
  bool started = false;
};

Pkcs11Engine::Pkcs11Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pkcs11Engine::~Pkcs11Engine() = default;

StatusOr<std::shared_ptr<Pkcs11Engine>> Pkcs11Engine::Open(const std::filesystem::path& module) {
  auto state = std::make_unique<State>();
  // OpenSSL keeps one instance for the process: two modules at once need p11-kit's proxy.
  ENGINE_load_dynamic();
  state->engine = ENGINE_by_id("pkcs11");
  if (state->engine == nullptr) {
    return FailedPrecondition(
        "libp11's engine for PKCS#11 is not installed: install the package "
        "libengine-pkcs11-openssl (" +
        OpenSslErrors() + ")");
  }
  state->Set("QUIET", "");  // what goes wrong comes back as a status
  std::error_code error;
  if (module.is_absolute() && !std::filesystem::exists(module, error)) {
    return FailedPrecondition("there is no PKCS#11 module " + module.string());
  }
  if (!module.empty() && !state->Set("MODULE_PATH", module.string())) {
    return FailedPrecondition(module.string() + ": " + OpenSslErrors());
  }
  if (ENGINE_init(state->engine) != 1) {
    return FailedPrecondition("the PKCS#11 module " + module.string() +
                              " does not start: " + OpenSslErrors());
  }
  state->started = true;
  return std::shared_ptr<Pkcs11Engine>(new Pkcs11Engine(std::move(state)));
}

StatusOr<std::unique_ptr<Signer>> Pkcs11Engine::OpenKey(const std::string& uri,
                                                        std::string_view pin) {
  if (!pin.empty()) {
    std::string text(pin);
    const bool taken = state_->Set("PIN", text);
    OPENSSL_cleanse(text.data(), text.size());
    if (!taken) {
      return EngineError(uri);
    }
  }
  std::shared_ptr<EVP_PKEY> key(
      ENGINE_load_private_key(state_->engine, uri.c_str(), Silent(), nullptr), EVP_PKEY_free);
  if (key == nullptr) {
    const Status status = EngineError(uri);
    return pin.empty() && ReadPublicKey(uri).ok()
               ? Unauthenticated(uri + ": the token wants its PIN: --pin-file, or pin-source")
               : status;
  }
  OpenSslErrors();  // of slots that it looked into on its way
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<KeyPair> pair, KeyPair::FromEvp(std::move(key)));
  return std::unique_ptr<Signer>(
      std::make_unique<TokenSigner>(shared_from_this(), std::move(pair)));
}

StatusOr<PublicKey> Pkcs11Engine::ReadPublicKey(const std::string& uri) {
  const EvpPkeyPtr key(ENGINE_load_public_key(state_->engine, uri.c_str(), Silent(), nullptr));
  if (key == nullptr) {
    return EngineError(uri);
  }
  // A copy that does not hang on the token.
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key.get(), &der);
  const unsigned char* in = der;
  std::shared_ptr<EVP_PKEY> plain(length > 0 ? d2i_PUBKEY(nullptr, &in, length) : nullptr,
                                  EVP_PKEY_free);
  OPENSSL_free(der);
  if (plain == nullptr) {
    return EngineError(uri);
  }
  OpenSslErrors();
  return PublicKey::FromEvp(std::move(plain));
}

}  // namespace flotilla::security
