#include "fleetctl/trust/signing_keys.h"

#include <cstddef>

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "security/key_file.h"

namespace flotilla::fleetctl {
namespace {

using security::SignerKind;
using security::SignerSpec;

void AddList(CLI::App& command, const char* name, std::vector<std::string>& values,
             const char* what) {
  command.add_option(name, values, what)
      ->allow_extra_args(false);  // what follows is another argument
}

SignerSpec SpecOf(SignerKind kind, const std::string& location) {
  SignerSpec spec;
  spec.kind = kind;
  spec.location = location;
  return spec;
}

StatusOr<std::vector<SignerSpec>> SpecsOf(const SigningOptions& options) {
  std::vector<SignerSpec> specs;
  for (const std::string& text : options.keys) {
    FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, security::ParseSignerSpec(text));
    specs.push_back(std::move(spec));
  }
  for (const std::string& uri : options.pkcs11) {
    FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, security::ParseSignerSpec(uri));
    if (spec.kind != SignerKind::kPkcs11) {
      return InvalidArgument("--pkcs11 " + uri + ": a URI begins with pkcs11:");
    }
    specs.push_back(std::move(spec));
  }
  for (const std::string& file : options.tpm2) {
    specs.push_back(SpecOf(SignerKind::kTpm2, file));
  }
  for (const std::string& program : options.programs) {
    specs.push_back(SpecOf(SignerKind::kCommand, program));
  }
  if (specs.empty()) {
    return InvalidArgument(
        "name a key to sign with: --key FILE, --pkcs11 URI, --tpm2 FILE, or --signer-cmd PROGRAM "
        "with --public FILE");
  }
  return specs;
}

// Programs get their public keys in order.
Status PairPublicKeys(const std::vector<std::string>& files, std::vector<SignerSpec>& specs) {
  auto file = files.begin();
  for (SignerSpec& spec : specs) {
    if (spec.kind == SignerKind::kCommand && file != files.end()) {
      spec.public_key = *file++;
    }
  }
  return file == files.end() ? OkStatus()
                             : InvalidArgument("--public " + *file +
                                               ": one is needed for each --signer-cmd, no more");
}

// What a signing program says to its user.
void ShowMessage(std::string_view text) {
  std::cerr << text << std::flush;
}

}  // namespace

void AddTokenOptions(CLI::App& command, TokenOptions& options) {
  command.add_option("--pkcs11-module", options.pkcs11_module,
                     "Library of the token; p11-kit's proxy, when the URI has no module-path");
  command.add_option("--tcti", options.tcti,
                     "How to reach the TPM: device:/dev/tpmrm0 (what is there by default)");
}

void AddSigningOptions(CLI::App& command, SigningOptions& options) {
  command
      .add_option("--key", options.keys, "Private key file to sign with; several for a threshold")
      ->delimiter(',')
      ->allow_extra_args(false);
  AddList(command, "--pkcs11", options.pkcs11, "Key in a token: pkcs11:token=T;object=O");
  AddList(command, "--tpm2", options.tpm2, "Key that only this machine's TPM can use: its file");
  AddList(command, "--signer-cmd", options.programs,
          "Program that signs: bytes on its stdin, hex on its stdout");
  AddList(command, "--public", options.public_keys, "Public key of the --signer-cmd");
  command.add_option("--signer-timeout", options.program_timeout, "Time for one such signature")
      ->capture_default_str();
  AddSecretOptions(command, options.secrets);
  AddTokenOptions(command, options.tokens);
}

StatusOr<Signers> LoadSigners(const SigningOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration timeout, ParseDurationText(options.program_timeout));
  FLOTILLA_ASSIGN_OR_RETURN(std::vector<SignerSpec> specs, SpecsOf(options));
  FLOTILLA_RETURN_IF_ERROR(PairPublicKeys(options.public_keys, specs));
  GivenSecrets secrets(options.secrets);
  Signers signers;
  for (SignerSpec& spec : specs) {
    spec.secrets = &secrets;
    spec.timeout = timeout;
    spec.on_message = ShowMessage;
    spec.tcti = options.tokens.tcti;
    spec.module = options.tokens.pkcs11_module;
    FLOTILLA_ASSIGN_OR_RETURN(auto signer, security::OpenSigner(spec));
    const bool twice = std::any_of(signers.begin(), signers.end(), [&](const auto& other) {
      return other->public_key() == signer->public_key();
    });
    if (twice) {
      return InvalidArgument(spec.location + ": this key is given twice");
    }
    signers.push_back(std::move(signer));
  }
  return signers;
}

Status SignWith(tuf::Draft& draft, const Signers& signers) {
  for (const auto& signer : signers) {
    FLOTILLA_RETURN_IF_ERROR(draft.Sign(*signer));
  }
  return OkStatus();
}

StatusOr<security::PublicKey> LoadPublicHalf(const std::string& text, const TokenOptions& tokens,
                                             security::SecretSource& secrets) {
  FLOTILLA_ASSIGN_OR_RETURN(SignerSpec spec, security::ParseSignerSpec(text));
  spec.secrets = &secrets;
  spec.tcti = tokens.tcti;
  spec.module = tokens.pkcs11_module;
  return security::ReadPublicHalf(spec);
}

StatusOr<std::vector<security::PublicKey>> LoadPublicKeys(const std::vector<std::string>& files) {
  std::vector<security::PublicKey> keys;
  for (const std::string& file : files) {
    FLOTILLA_ASSIGN_OR_RETURN(security::PublicKey key, security::LoadPublicKey(file));
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
      return InvalidArgument(file + ": this key is given twice");
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace flotilla::fleetctl
