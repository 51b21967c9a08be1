#include "security/signer_source.h"

#include <utility>

#include "security/command_signer.h"
#include "security/key_file.h"
#include "security/verifying_signer.h"

namespace flotilla::security {
namespace {

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

StatusOr<std::unique_ptr<Signer>> OpenUnchecked(const SignerSpec& spec) {
  switch (spec.kind) {
    case SignerKind::kPemFile:
      return OpenPem(spec);
    case SignerKind::kCommand:
      return OpenCommand(spec);
    case SignerKind::kPkcs11:
    case SignerKind::kTpm2:
    case SignerKind::kUnspecified:
      break;
  }
  return Unimplemented("this build cannot sign with " + spec.location);
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

}  // namespace flotilla::security
