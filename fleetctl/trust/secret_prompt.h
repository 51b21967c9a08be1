// Passphrases and PINs as the command line names their source.
#ifndef FLOTILLA_FLEETCTL_TRUST_SECRET_PROMPT_H_
#define FLOTILLA_FLEETCTL_TRUST_SECRET_PROMPT_H_

#include <string>

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "security/secret.h"

namespace flotilla::fleetctl {

struct SecretOptions {
  std::string passphrase_file;
  int passphrase_fd = -1;
  std::string pin_file;
};

// Adds --passphrase-file, --passphrase-fd and --pin-file.
void AddSecretOptions(CLI::App& command, SecretOptions& options);

// From the named file or descriptor; else from the terminal with its echo off. One descriptor
// serves several keys: a line each. Never from the command line, where every process could read it.
class GivenSecrets final : public security::SecretSource {
 public:
  explicit GivenSecrets(const SecretOptions& options) : options_(options) {}

  StatusOr<security::Secret> Get(const security::SecretQuestion& question) override;

 private:
  SecretOptions options_;
};

// Asks on the terminal `device` ("/dev/tty") without showing what is typed. A signal that comes
// meanwhile acts once the terminal is as it was. FAILED_PRECONDITION: there is no terminal;
// CANCELLED: a signal or an end of file; INVALID_ARGUMENT: nothing was typed.
StatusOr<security::Secret> AskTerminal(const std::string& device, const std::string& prompt);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_TRUST_SECRET_PROMPT_H_
