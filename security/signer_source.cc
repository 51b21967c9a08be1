#include "security/signer_source.h"

#include <cstdint>

#include <utility>

#include "base/file.h"
#include "security/command_signer.h"
#include "security/key_file.h"
#include "security/pkcs11/pkcs11_engine.h"
#include "security/pkcs11/pkcs11_uri.h"
#include "security/tpm2/tpm2_context.h"
#include "security/tpm2/tpm2_signer.h"
#include "security/verifying_signer.h"

namespace flotilla::security {
namespace {

constexpr std::uint64_t kMaxTpm2FileBytes = 65'536;
constexpr std::string_view kPkcs11Prefix = "pkcs11:";
constexpr std::string_view kTpm2Prefix = "tpm2:";
constexpr std::string_view kCommandPrefix = "cmd:";

StatusOr<std::unique_ptr<Signer>> OpenPem(const SignerSpec& spec) {
  auto key = LoadSigner(spec.location, "");
  if (key.status().code() == StatusCode::kUnauthenticated && spec.secrets != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(const Secret passphrase,
                              spec.secrets->Get({SecretKind::kPassphrase, spec.location}));
    key = LoadSigner(spec.location, passphrase.view());
  }
  FLOTILLA_RETURN_IF_ERROR(key.status());
  return std::unique_ptr<Signer>(std::move(*key));
}

StatusOr<std::unique_ptr<Signer>> OpenCommand(const SignerSpec& spec) {
  if (spec.public_key.empty()) {
    return InvalidArgument("a program that signs needs its public key beside it: --public K.pub");
  }
  FLOTILLA_ASSIGN_OR_RETURN(PublicKey key, LoadPublicKey(spec.public_key));
  return std::unique_ptr<Signer>(std::make_unique<CommandSigner>(spec.location, std::move(key),
                                                                 spec.timeout, spec.on_message));
}

StatusOr<std::shared_ptr<Pkcs11Engine>> OpenModule(const SignerSpec& spec, const Pkcs11Uri& uri) {
  return Pkcs11Engine::Open(uri.module_path.empty() ? spec.module : uri.module_path);
}

// Tokens show private keys to those who gave the PIN only, so it is asked for first.
StatusOr<Secret> PinOf(const SignerSpec& spec, const Pkcs11Uri& uri) {
  if (!uri.pin_file.empty()) {
    return ReadSecretFile(uri.pin_file);
  }
  if (spec.secrets == nullptr) {
    return Secret();
  }
  return spec.secrets->Get({SecretKind::kPin, uri.holder});
}

StatusOr<std::unique_ptr<Signer>> OpenPkcs11(const SignerSpec& spec) {
  FLOTILLA_ASSIGN_OR_RETURN(const Pkcs11Uri uri, ParsePkcs11Uri(spec.location));
  FLOTILLA_ASSIGN_OR_RETURN(const auto engine, OpenModule(spec, uri));
  FLOTILLA_ASSIGN_OR_RETURN(const Secret pin, PinOf(spec, uri));
  return engine->OpenKey(uri.path, pin.view());
}

StatusOr<std::shared_ptr<Tpm2Key>> OpenTpm2Key(const SignerSpec& spec) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes pem, ReadFile(spec.location, kMaxTpm2FileBytes));
  FLOTILLA_ASSIGN_OR_RETURN(const auto context, Tpm2Context::Open(spec.tcti));
  auto key = context->LoadKey(ToText(pem), "");
  if (key.status().code() == StatusCode::kUnauthenticated && spec.secrets != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(const Secret passphrase,
                              spec.secrets->Get({SecretKind::kPassphrase, spec.location}));
    key = context->LoadKey(ToText(pem), passphrase.view());
  }
  return key.ok() ? key : Annotate(key.status(), spec.location);
}

StatusOr<std::unique_ptr<Signer>> OpenTpm2(const SignerSpec& spec) {
  FLOTILLA_ASSIGN_OR_RETURN(auto key, OpenTpm2Key(spec));
  return std::unique_ptr<Signer>(std::make_unique<Tpm2Signer>(std::move(key)));
}

StatusOr<std::unique_ptr<Signer>> OpenUnchecked(const SignerSpec& spec) {
  switch (spec.kind) {
    case SignerKind::kPemFile:
      return OpenPem(spec);
    case SignerKind::kCommand:
      return OpenCommand(spec);
    case SignerKind::kPkcs11:
      return OpenPkcs11(spec);
    case SignerKind::kTpm2:
      return OpenTpm2(spec);
    case SignerKind::kUnspecified:
      break;
  }
  return InvalidArgument("no kind of signer is named");
}

Status CheckPublicKey(const Signer& signer, const std::filesystem::path& file) {
  if (file.empty()) {
    return OkStatus();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const PublicKey expected, LoadPublicKey(file));
  return expected == signer.public_key()
             ? OkStatus()
             : InvalidArgument(file.string() + " is not the public key of this signer");
}

}  // namespace

StatusOr<SignerSpec> ParseSignerSpec(std::string_view text) {
  SignerSpec spec;
  if (text.starts_with(kPkcs11Prefix)) {
    spec.kind = SignerKind::kPkcs11;
    spec.location = text.size() > kPkcs11Prefix.size() ? text : std::string_view();
  } else if (text.starts_with(kTpm2Prefix)) {
    spec.kind = SignerKind::kTpm2;
    spec.location = text.substr(kTpm2Prefix.size());
  } else if (text.starts_with(kCommandPrefix)) {
    spec.kind = SignerKind::kCommand;
    spec.location = text.substr(kCommandPrefix.size());
  } else {
    spec.kind = SignerKind::kPemFile;
    spec.location = text;
  }
  if (spec.location.empty()) {
    return InvalidArgument("'" + std::string(text) +
                           "' names no key: FILE.pem, pkcs11:URI, tpm2:FILE or cmd:PROGRAM");
  }
  return spec;
}

StatusOr<std::unique_ptr<Signer>> OpenSigner(const SignerSpec& spec) {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<Signer> signer, OpenUnchecked(spec));
  FLOTILLA_RETURN_IF_ERROR(CheckPublicKey(*signer, spec.public_key));
  return std::unique_ptr<Signer>(
      std::make_unique<VerifyingSigner>(std::move(signer), spec.location));
}

StatusOr<PublicKey> ReadPublicHalf(const SignerSpec& spec) {
  if (!spec.public_key.empty()) {
    return LoadPublicKey(spec.public_key);
  }
  if (spec.kind == SignerKind::kPemFile) {
    auto key = LoadPublicKey(spec.location);
    if (key.status().code() != StatusCode::kInvalidArgument) {
      return key;
    }
  }
  if (spec.kind == SignerKind::kPkcs11) {
    FLOTILLA_ASSIGN_OR_RETURN(const Pkcs11Uri uri, ParsePkcs11Uri(spec.location));
    FLOTILLA_ASSIGN_OR_RETURN(const auto engine, OpenModule(spec, uri));
    return engine->ReadPublicKey(uri.path);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto signer, OpenUnchecked(spec));
  return signer->public_key();
}

}  // namespace flotilla::security
