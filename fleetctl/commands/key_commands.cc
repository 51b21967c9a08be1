#include "fleetctl/commands/key_commands.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

#include "base/os_durable_fs.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/key_file.h"
#include "security/tuf/key.h"

namespace flotilla::fleetctl {
namespace {

struct NewOptions {
  std::string kind = "ed25519";
  std::string out;
  bool encrypt = false;
  SecretOptions secrets;
};

security::KeyKind KindOf(const std::string& name) {
  if (name == "ecdsa") {
    return security::KeyKind::kEcdsaP256;
  }
  return name == "rsa" ? security::KeyKind::kRsaPss : security::KeyKind::kEd25519;
}

std::filesystem::path PublicPath(const std::filesystem::path& key) {
  std::filesystem::path path = key;
  return path.replace_extension(".pub");
}

StatusOr<int> New(Cli& cli, const NewOptions& options) {
  OsDurableFs fs;
  GivenSecrets secrets(options.secrets);
  security::Secret passphrase;
  if (options.encrypt || !options.secrets.passphrase_file.empty() ||
      options.secrets.passphrase_fd >= 0) {
    FLOTILLA_ASSIGN_OR_RETURN(passphrase,
                              secrets.Get({security::SecretKind::kPassphrase, options.out, true}));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, security::KeyPair::Generate(KindOf(options.kind)));
  const std::filesystem::path path = std::filesystem::absolute(options.out);
  FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(fs, path, *key, passphrase.view()));
  FLOTILLA_RETURN_IF_ERROR(security::SavePublicKey(fs, PublicPath(path), key->public_key()));
  cli.out() << "key " << tuf::KeyId(key->public_key()) << " (" << options.kind << ")\n"
            << "private " << options.out << (passphrase.empty() ? " (not encrypted)" : "")
            << "\npublic  " << PublicPath(options.out).string() << "\n";
  return kExitOk;
}

StatusOr<int> Id(Cli& cli, const std::vector<std::string>& files) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto keys, LoadPublicKeys(files));
  for (const security::PublicKey& key : keys) {
    cli.out() << tuf::KeyId(key) << "\n";
  }
  return kExitOk;
}

StatusOr<int> List(Cli& cli, const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".pub") {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return NotFound(folder + ": " + error.message());
  }
  std::sort(files.begin(), files.end());
  Table table({"FILE", "KIND", "KEY ID"});
  for (const std::filesystem::path& file : files) {
    const auto key = security::LoadPublicKey(file);
    if (key.ok()) {
      table.Add({file.filename().string(), key->tuf_keytype(), tuf::KeyId(*key)});
    }
  }
  table.Print(cli.out());
  return kExitOk;
}

}  // namespace

void AddKeyCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "key", "Keys that sign releases; they stay with you");
  const auto options = std::make_shared<NewOptions>();
  CLI::App& make = cli.AddCommand(group, "new", "Make a key: FILE.pem, and FILE.pub beside it",
                                  "fleetctl key new --out keys/root.pem --passphrase-file pass.txt",
                                  [options](Cli& run) { return New(run, *options); });
  make.add_option("--out", options->out, "File of the private key; never overwritten")->required();
  make.add_option("--kind", options->kind, "ed25519, ecdsa or rsa")
      ->check(CLI::IsMember({"ed25519", "ecdsa", "rsa"}))
      ->capture_default_str();
  make.add_flag("--encrypt", options->encrypt, "Encrypt the file; asks for a passphrase");
  AddSecretOptions(make, options->secrets);
  const auto files = std::make_shared<std::vector<std::string>>();
  cli.AddCommand(group, "id", "Print the TUF key id of public keys", "fleetctl key id root.pub",
                 [files](Cli& run) { return Id(run, *files); })
      .add_option("files", *files, "Public key files")
      ->required();
  const auto folder = std::make_shared<std::string>(".");
  cli.AddCommand(group, "list", "Show the public keys of a folder", "fleetctl key list keys/",
                 [folder](Cli& run) { return List(run, *folder); })
      .add_option("folder", *folder, "Folder")
      ->capture_default_str();
}

}  // namespace flotilla::fleetctl
