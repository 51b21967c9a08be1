#include "security/tpm2/tpm2_context.h"

#include <cstddef>
#include <cstring>

#include <utility>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include "base/os_environment.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

constexpr const char* kOnlyTpm = "provider=tpm2";
// The name under which the provider looks for its TCTI: it takes it in no other way.
constexpr const char* kTctiVariable = "TPM2OPENSSL_TCTI";
constexpr int kTpmRsaBits = 2048;
constexpr std::string_view kPemLabel = "-----BEGIN TSS2 PRIVATE KEY-----";

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The provider's errors are texts of tpm2-tss.
Status TpmError(const std::string& doing) {
  const std::string errors = OpenSslErrors();
  const std::string text = doing + ": " + (errors.empty() ? "no reason given" : errors);
  if (Has(errors, "integrity check failed") || Has(errors, "unsupported or incompatible")) {
    return FailedPrecondition(
        doing +
        ": this key belongs to another TPM, or this TPM was cleared since; keys cannot be "
        "carried over: make a new one (docs/keys.md)");
  }
  if (Has(errors, "authorization HMAC check failed") || Has(errors, "authorization failure") ||
      Has(errors, "auth fail")) {
    return Unauthenticated(doing + ": the key's passphrase is missing or wrong");
  }
  if (Has(errors, "lockout")) {
    return FailedPrecondition(doing +
                              ": too many wrong passphrases, the TPM waits (lockout): " + errors);
  }
  if (Has(errors, "out of memory")) {
    return ResourceExhausted(doing +
                             ": the TPM has no free place: use the resource manager "
                             "(tcti device:/dev/tpmrm0) or flush it (tpm2_flushcontext -t)");
  }
  return Unavailable(text);
}

Status OpenError(const std::string& tcti) {
  const std::string errors = OpenSslErrors();
  if (Has(errors, "could not load the shared library") ||
      Has(errors, "cannot open shared object")) {
    return FailedPrecondition(
        "OpenSSL's provider for TPM 2 is not installed: install the package tpm2-openssl");
  }
  return Unavailable("no TPM answers at " + (tcti.empty() ? std::string("the default") : tcti) +
                     ": is there a /dev/tpmrm0, may this user open it, and does no other program "
                     "hold it? (" +
                     errors + ")");
}

struct Answer {
  std::string_view passphrase;
  bool asked = false;
};

// OpenSSL's pem_password_cb: an empty answer rather than a question on the terminal.
int GivePassphrase(char* out, int size, int /*writing*/, void* user) {
  auto& answer = *static_cast<Answer*>(user);
  answer.asked = true;
  const std::string_view passphrase = answer.passphrase;
  if (passphrase.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::memcpy(out, passphrase.data(), passphrase.size());
  return static_cast<int>(passphrase.size());
}

StatusOr<PublicKey> PublicHalf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) {
    return TpmError("reading the public half of a TPM key");
  }
  const unsigned char* in = der;
  std::shared_ptr<EVP_PKEY> plain(d2i_PUBKEY(nullptr, &in, length), EVP_PKEY_free);
  OPENSSL_free(der);
  if (plain == nullptr) {
    return TpmError("reading the public half of a TPM key");
  }
  return PublicKey::FromEvp(std::move(plain));
}

bool SetUp(EVP_PKEY_CTX* making, KeyKind kind, std::string_view passphrase) {
  if (making == nullptr || EVP_PKEY_keygen_init(making) != 1) {
    return false;
  }
  const bool sized = kind == KeyKind::kRsaPss
                         ? EVP_PKEY_CTX_set_rsa_keygen_bits(making, kTpmRsaBits) == 1
                         : EVP_PKEY_CTX_set_group_name(making, "P-256") == 1;
  if (!sized || passphrase.empty()) {
    return sized;
  }
  std::string text(passphrase);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string("user-auth", text.data(), text.size()),
      OSSL_PARAM_construct_end()};
  const bool done = EVP_PKEY_CTX_set_params(making, params) == 1;
  OPENSSL_cleanse(text.data(), text.size());
  return done;
}

}  // namespace

bool IsTpm2Pem(std::string_view pem) {
  return Has(pem, kPemLabel);
}

StatusOr<std::shared_ptr<Tpm2Context>> Tpm2Context::Open(const std::string& tcti) {
  std::shared_ptr<Tpm2Context> context(new Tpm2Context());
  FLOTILLA_RETURN_IF_ERROR(context->LoadProviders(tcti));
  return context;
}

Status Tpm2Context::LoadProviders(const std::string& tcti) {
  library_ = OSSL_LIB_CTX_new();
  if (library_ == nullptr) {
    return Internal("an OpenSSL context: " + OpenSslErrors());
  }
  default_ = OSSL_PROVIDER_load(library_, "default");
  const ScopedEnvironment tcti_variable(kTctiVariable, tcti);
  tpm2_ = default_ == nullptr ? nullptr : OSSL_PROVIDER_load(library_, "tpm2");
  if (tpm2_ == nullptr || EVP_set_default_properties(library_, "?provider!=tpm2") != 1) {
    return OpenError(tcti);
  }
  return OkStatus();
}

Tpm2Context::~Tpm2Context() {
  if (tpm2_ != nullptr) {
    OSSL_PROVIDER_unload(tpm2_);
  }
  if (default_ != nullptr) {
    OSSL_PROVIDER_unload(default_);
  }
  OSSL_LIB_CTX_free(library_);
}

StatusOr<std::string> Tpm2Context::MakeKey(KeyKind kind, std::string_view passphrase) {
  if (kind == KeyKind::kEd25519 || kind == KeyKind::kUnspecified) {
    return Unimplemented("TPMs have no Ed25519: choose ecdsa or rsa");
  }
  const std::scoped_lock lock(mutex_);
  const EvpPkeyCtxPtr making(
      EVP_PKEY_CTX_new_from_name(library_, kind == KeyKind::kRsaPss ? "RSA" : "EC", kOnlyTpm));
  EVP_PKEY* made = nullptr;
  if (!SetUp(making.get(), kind, passphrase) || EVP_PKEY_generate(making.get(), &made) != 1) {
    return TpmError("making a key in the TPM");
  }
  const EvpPkeyPtr key(made);
  const BioPtr memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_PrivateKey_ex(memory.get(), key.get(), nullptr, nullptr, 0,
                                                       nullptr, nullptr, library_, kOnlyTpm) != 1) {
    return TpmError("writing a TPM key");
  }
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

StatusOr<std::shared_ptr<Tpm2Key>> Tpm2Context::LoadKey(const std::string& pem,
                                                        std::string_view passphrase) {
  if (!IsTpm2Pem(pem)) {
    return InvalidArgument("not a key file of a TPM (TSS2 PRIVATE KEY)");
  }
  // Outlives the lock: the last owner of a key takes the lock when it goes.
  std::shared_ptr<Tpm2Key> known;
  const std::scoped_lock lock(mutex_);
  known = loaded_[pem].lock();
  if (known != nullptr) {
    return known;
  }
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Answer answer{passphrase};
  EvpPkeyPtr key(PEM_read_bio_PrivateKey_ex(memory.get(), nullptr, GivePassphrase, &answer,
                                            library_, "?provider=tpm2"));
  if (key == nullptr) {
    return TpmError("loading a key into the TPM");
  }
  if (answer.asked && passphrase.empty()) {
    return Unauthenticated("this TPM key has a passphrase: give it");
  }
  FLOTILLA_ASSIGN_OR_RETURN(PublicKey public_key, PublicHalf(key.get()));
  known = std::shared_ptr<Tpm2Key>(
      new Tpm2Key(shared_from_this(), key.release(), std::move(public_key)));
  loaded_[pem] = known;
  return known;
}

Tpm2Key::Tpm2Key(std::shared_ptr<Tpm2Context> context, evp_pkey_st* key, PublicKey public_key)
    : context_(std::move(context)), key_(key), public_key_(std::move(public_key)) {}

Tpm2Key::~Tpm2Key() {
  const std::scoped_lock lock(context_->mutex_);
  EVP_PKEY_free(key_);
}

StatusOr<Bytes> Tpm2Key::SignDigest(ByteView digest) const {
  const std::scoped_lock lock(context_->mutex_);
  const EvpPkeyCtxPtr signing(EVP_PKEY_CTX_new_from_pkey(context_->library_, key_, kOnlyTpm));
  const bool rsa = public_key_.kind() == KeyKind::kRsaPss;
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_)));
  std::size_t length = signature.size();
  if (signing == nullptr || EVP_PKEY_sign_init(signing.get()) != 1 ||
      (rsa && EVP_PKEY_CTX_set_rsa_padding(signing.get(), RSA_PKCS1_PSS_PADDING) != 1) ||
      EVP_PKEY_CTX_set_signature_md(signing.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_sign(signing.get(), signature.data(), &length, digest.data(), digest.size()) != 1) {
    return TpmError("signing with a TPM key");
  }
  signature.resize(length);
  return signature;
}

}  // namespace flotilla::security
