#include "fleetctl/trust/signing_keys.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/file.h"

namespace flotilla::fleetctl {
namespace {

constexpr std::uint64_t kMaxPassphraseBytes = 4'096;

}  // namespace

void AddSigningOptions(CLI::App& command, SigningOptions& options) {
  command
      .add_option("--key", options.keys, "Private key file to sign with; several for a threshold")
      ->delimiter(',')
      ->allow_extra_args(false)  // what follows is another argument
      ->required();
  command.add_option("--passphrase-file", options.passphrase_file,
                     "File with the passphrase of the key, when it is encrypted");
}

StatusOr<std::string> ReadPassphrase(const std::string& file) {
  if (file.empty()) {
    return std::string();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, kMaxPassphraseBytes));
  const std::string text = ToText(bytes);
  return text.substr(0, text.find_first_of("\r\n"));
}

StatusOr<std::vector<std::unique_ptr<security::KeyPair>>> LoadSigners(
    const SigningOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::string passphrase, ReadPassphrase(options.passphrase_file));
  std::vector<std::unique_ptr<security::KeyPair>> signers;
  for (const std::string& file : options.keys) {
    FLOTILLA_ASSIGN_OR_RETURN(auto signer, security::LoadSigner(file, passphrase));
    signers.push_back(std::move(signer));
  }
  return signers;
}

Status SignWith(tuf::Draft& draft, const std::vector<std::unique_ptr<security::KeyPair>>& signers) {
  for (const auto& signer : signers) {
    FLOTILLA_RETURN_IF_ERROR(draft.Sign(*signer));
  }
  return OkStatus();
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
