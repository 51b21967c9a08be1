#include "security/key_file.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "base/file.h"
#include "security/openssl_ptr.h"

namespace flotilla::security {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 65'536;
constexpr std::size_t kRsaBits = 3072;
// scrypt with 16 MiB five times over: as strong as 128 MiB once, and within the 32 MiB above which
// OpenSSL refuses to read a key.
constexpr std::uint64_t kScryptCost = 16'384;
constexpr std::uint64_t kScryptBlock = 8;
constexpr std::uint64_t kScryptTimes = 5;
constexpr int kSaltBytes = 16;

Status Failed(const std::string& what) {
  return Internal(what + ": " + OpenSslErrors());
}

EVP_PKEY* NewKey(KeyKind kind) {
  switch (kind) {
    case KeyKind::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case KeyKind::kEcdsaP256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case KeyKind::kRsaPss:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kRsaBits);
    case KeyKind::kUnspecified:
      break;
  }
  return nullptr;
}

// OpenSSL's pem_password_cb. -1 stops the decryption: without it OpenSSL would ask the terminal.
int GivePassphrase(char* out, int size, int /*writing*/, void* user) {
  const auto& passphrase = *static_cast<const std::string_view*>(user);
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size)) {
    return -1;
  }
  std::memcpy(out, passphrase.data(), passphrase.size());
  return static_cast<int>(passphrase.size());
}

bool WritePrivate(BIO* out, EVP_PKEY* key, std::string_view passphrase) {
  const Pkcs8InfoPtr info(EVP_PKEY2PKCS8(key));
  if (info == nullptr) {
    return false;
  }
  if (passphrase.empty()) {
    return PEM_write_bio_PKCS8_PRIV_KEY_INFO(out, info.get()) == 1;
  }
  X509AlgorPtr scheme(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, kSaltBytes, nullptr,
                                            kScryptCost, kScryptBlock, kScryptTimes));
  if (scheme == nullptr) {
    return false;
  }
  const X509SigPtr sealed(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()),
                                         info.get(), scheme.get()));
  if (sealed != nullptr) {
    static_cast<void>(scheme.release());  // it is part of `sealed` now
  }
  return sealed != nullptr && PEM_write_bio_PKCS8(out, sealed.get()) == 1;
}

bool SetPss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Status WriteNewFile(DurableFs& fs, const std::filesystem::path& path, std::string_view text) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto file, fs.Create(path, CreateOptions{}));
  Status status = file->Write(0, AsBytes(text));
  if (status.ok()) {
    status = file->Sync();
  }
  if (!status.ok()) {
    fs.Remove(path).IgnoreError();
    return status;
  }
  const std::filesystem::path parent = path.parent_path();
  return fs.SyncDir(parent.empty() ? std::filesystem::path(".") : parent);
}

}  // namespace

KeyPair::KeyPair(std::shared_ptr<evp_pkey_st> key, PublicKey public_key)
    : key_(std::move(key)), public_key_(std::move(public_key)) {}

StatusOr<std::unique_ptr<KeyPair>> KeyPair::Generate(KeyKind kind) {
  std::shared_ptr<EVP_PKEY> key(NewKey(kind), EVP_PKEY_free);
  if (key == nullptr) {
    return Failed("making a key");
  }
  return FromEvp(std::move(key));
}

StatusOr<std::unique_ptr<KeyPair>> KeyPair::FromPem(std::string_view pem,
                                                    std::string_view passphrase) {
  const BioPtr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(memory.get(), nullptr, GivePassphrase, &passphrase), EVP_PKEY_free);
  if (key == nullptr) {
    const std::string detail = OpenSslErrors();
    if (pem.find("ENCRYPTED") != std::string_view::npos) {
      return Unauthenticated(
          passphrase.empty()
              ? "the key is encrypted: give its passphrase"
              : "wrong passphrase: try again, or make a new key and let the others of the role "
                "exchange it (docs/keys.md, \"A passphrase is lost\")");
    }
    return InvalidArgument("not a private key PEM: " + detail);
  }
  return FromEvp(std::move(key));
}

StatusOr<std::unique_ptr<KeyPair>> KeyPair::FromEvp(std::shared_ptr<evp_pkey_st> key) {
  FLOTILLA_ASSIGN_OR_RETURN(PublicKey public_key, PublicKey::FromEvp(key));
  return std::unique_ptr<KeyPair>(new KeyPair(std::move(key), std::move(public_key)));
}

StatusOr<Bytes> KeyPair::Sign(ByteView message) {
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const bool ed25519 = public_key_.kind() == KeyKind::kEd25519;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), &key_context, ed25519 ? nullptr : EVP_sha256(), nullptr,
                         key_.get()) != 1 ||
      (public_key_.kind() == KeyKind::kRsaPss && !SetPss(key_context))) {
    return Failed("starting a signature");
  }
  std::size_t length = 0;
  if (EVP_DigestSign(context.get(), nullptr, &length, message.data(), message.size()) != 1) {
    return Failed("signing");
  }
  Bytes signature(length);
  if (EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) !=
      1) {
    return Failed("signing");
  }
  signature.resize(length);
  return signature;
}

StatusOr<Secret> KeyPair::ToPem(std::string_view passphrase) const {
  const BioPtr memory(BIO_new(BIO_s_secmem()));
  if (memory == nullptr || !WritePrivate(memory.get(), key_.get(), passphrase)) {
    return Failed("writing a private key");
  }
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory.get(), &data);
  return Secret(std::string_view(data, static_cast<std::size_t>(length)));
}

StatusOr<std::unique_ptr<KeyPair>> GenerateEd25519() {
  return KeyPair::Generate(KeyKind::kEd25519);
}

StatusOr<std::unique_ptr<KeyPair>> LoadSigner(const std::filesystem::path& path,
                                              std::string_view passphrase) {
  FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, ReadFile(path, kMaxKeyFileBytes));
  auto key = KeyPair::FromPem(AsText(bytes), passphrase);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!key.ok()) {
    return Annotate(key.status(), path.string());
  }
  return key;
}

Status SaveSigner(DurableFs& fs, const std::filesystem::path& path, const KeyPair& key,
                  std::string_view passphrase) {
  FLOTILLA_ASSIGN_OR_RETURN(const Secret pem, key.ToPem(passphrase));
  const Status status = WriteNewFile(fs, path, pem.view());
  return status.ok() ? status : Annotate(status, "writing " + path.string());
}

StatusOr<PublicKey> LoadPublicKey(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path, kMaxKeyFileBytes));
  auto key = PublicKey::FromPem(AsText(bytes));
  if (!key.ok()) {
    return Annotate(key.status(),
                    path.string() + ": not a public key as fleetctl key new writes it (.pub)");
  }
  return key;
}

Status SavePublicKey(DurableFs& fs, const std::filesystem::path& path, const PublicKey& key) {
  return DurableWrite(fs, path, AsBytes(key.ToPem()), 0644);
}

}  // namespace flotilla::security
