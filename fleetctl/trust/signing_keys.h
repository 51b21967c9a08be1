// The keys a person names on the command line.
#ifndef FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_
#define FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "fleetctl/trust/secret_prompt.h"
#include "security/public_key.h"
#include "security/signer.h"
#include "security/signer_source.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

using Signers = std::vector<std::unique_ptr<security::Signer>>;

// Where keys are that are neither files nor programs.
struct TokenOptions {
  std::string pkcs11_module;
  std::string tcti;
};

struct SigningOptions {
  std::vector<std::string> keys;         // --key: a file, or any form of ParseSignerSpec
  std::vector<std::string> pkcs11;       // --pkcs11 URI
  std::vector<std::string> tpm2;         // --tpm2 FILE
  std::vector<std::string> programs;     // --signer-cmd PROGRAM
  std::vector<std::string> public_keys;  // --public, one for each program, in order
  std::string program_timeout = "60s";
  SecretOptions secrets;
  TokenOptions tokens;
};

// Adds the options that name keys to sign with, and those of their secrets. LoadSigners asks for at
// least one key.
void AddSigningOptions(CLI::App& command, SigningOptions& options);
// Adds --pkcs11-module and --tcti.
void AddTokenOptions(CLI::App& command, TokenOptions& options);

// Opens every key that was named, in the order files, tokens, TPM keys, programs; asks for
// passphrases and PINs. INVALID_ARGUMENT when none was named, one was named twice, or programs and
// public keys do not pair up; else as security::OpenSigner.
StatusOr<Signers> LoadSigners(const SigningOptions& options);
Status SignWith(tuf::Draft& draft, const Signers& signers);

// The public half of a key by its text: a .pub file, a .pem file, pkcs11:URI or tpm2:FILE.
StatusOr<security::PublicKey> LoadPublicHalf(const std::string& text, const TokenOptions& tokens,
                                             security::SecretSource& secrets);
// Public key files, in order. INVALID_ARGUMENT when one is given twice.
StatusOr<std::vector<security::PublicKey>> LoadPublicKeys(const std::vector<std::string>& files);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_
