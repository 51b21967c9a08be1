// The keys a person names on the command line.
#ifndef FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_
#define FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "security/key_file.h"
#include "security/public_key.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {

struct SigningOptions {
  std::vector<std::string> keys;
  std::string passphrase_file;
};

// Adds --key (several, at least one) and --passphrase-file.
void AddSigningOptions(CLI::App& command, SigningOptions& options);

// First line of the file, "" for no file.
StatusOr<std::string> ReadPassphrase(const std::string& file);
StatusOr<std::vector<std::unique_ptr<security::KeyPair>>> LoadSigners(
    const SigningOptions& options);
Status SignWith(tuf::Draft& draft, const std::vector<std::unique_ptr<security::KeyPair>>& signers);

// Public key files, in order. INVALID_ARGUMENT when one is given twice.
StatusOr<std::vector<security::PublicKey>> LoadPublicKeys(const std::vector<std::string>& files);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_SIGNING_KEYS_H_
