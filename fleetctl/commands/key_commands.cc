#include "fleetctl/commands/key_commands.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/os_durable_fs.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/key_file.h"
#include "security/tpm2/tpm2_context.h"
#include "security/tuf/key.h"

namespace flotilla::fleetctl {
namespace {

struct NewOptions {
  std::string kind;
  std::string out;
  bool encrypt = false;
  bool tpm2 = false;
  SecretOptions secrets;
  TokenOptions tokens;
};

struct IdOptions {
  std::vector<std::string> keys;
  std::vector<std::string> pkcs11;
  std::string out;
  SecretOptions secrets;
  TokenOptions tokens;
};

security::KeyKind KindOf(const NewOptions& options) {
  if (options.kind == "ecdsa" || (options.kind.empty() && options.tpm2)) {
    return security::KeyKind::kEcdsaP256;
  }
  return options.kind == "rsa" ? security::KeyKind::kRsaPss : security::KeyKind::kEd25519;
}

std::filesystem::path PublicPath(const std::filesystem::path& key) {
  std::filesystem::path path = key;
  return path.replace_extension(".pub");
}

StatusOr<security::Secret> NewPassphrase(const NewOptions& options) {
  const bool named = !options.secrets.passphrase_file.empty() || options.secrets.passphrase_fd >= 0;
  if (!options.encrypt && !named) {
    return security::Secret();
  }
  return GivenSecrets(options.secrets).Get({security::SecretKind::kPassphrase, options.out, true});
}

StatusOr<security::PublicKey> MakeInFile(DurableFs& fs, const std::filesystem::path& path,
                                         security::KeyKind kind, std::string_view passphrase) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, security::KeyPair::Generate(kind));
  FLOTILLA_RETURN_IF_ERROR(security::SaveSigner(fs, path, *key, passphrase));
  return key->public_key();
}

StatusOr<security::PublicKey> MakeInTpm(DurableFs& fs, const std::filesystem::path& path,
                                        const NewOptions& options, std::string_view passphrase) {
  if (std::filesystem::exists(path)) {
    return AlreadyExists(path.string() + " is there: a key is never overwritten");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto context, security::Tpm2Context::Open(options.tokens.tcti));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string pem, context->MakeKey(KindOf(options), passphrase));
  FLOTILLA_ASSIGN_OR_RETURN(const auto key, context->LoadKey(pem, passphrase));
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, path, AsBytes(pem)));
  return key->public_key();
}

StatusOr<int> New(Cli& cli, const NewOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const security::Secret passphrase, NewPassphrase(options));
  OsDurableFs fs;
  const std::filesystem::path path = std::filesystem::absolute(options.out);
  FLOTILLA_ASSIGN_OR_RETURN(const security::PublicKey key,
                            options.tpm2
                                ? MakeInTpm(fs, path, options, passphrase.view())
                                : MakeInFile(fs, path, KindOf(options), passphrase.view()));
  FLOTILLA_RETURN_IF_ERROR(security::SavePublicKey(fs, PublicPath(path), key));
  const char* note = options.tpm2         ? " (of use to this machine's TPM only)"
                     : passphrase.empty() ? " (not encrypted)"
                                          : " (encrypted)";
  cli.out() << "key " << tuf::KeyId(key) << " (" << key.tuf_keytype() << ")\n"
            << "private " << options.out << note << "\npublic  " << PublicPath(options.out).string()
            << "\n";
  return kExitOk;
}

StatusOr<int> Id(Cli& cli, const IdOptions& options) {
  std::vector<std::string> all = options.keys;
  all.insert(all.end(), options.pkcs11.begin(), options.pkcs11.end());
  if (all.empty()) {
    return InvalidArgument("name a key: FILE, or --pkcs11 URI");
  }
  if (!options.out.empty() && all.size() != 1) {
    return InvalidArgument("--out takes one key");
  }
  GivenSecrets secrets(options.secrets);
  for (const std::string& text : all) {
    FLOTILLA_ASSIGN_OR_RETURN(const security::PublicKey key,
                              LoadPublicHalf(text, options.tokens, secrets));
    if (!options.out.empty()) {
      OsDurableFs fs;
      FLOTILLA_RETURN_IF_ERROR(
          security::SavePublicKey(fs, std::filesystem::absolute(options.out), key));
    }
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

void AddNew(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<NewOptions>();
  CLI::App& make = cli.AddCommand(
      group, "new", "Make a key: FILE.pem, and FILE.pub beside it",
      "fleetctl key new --out keys/root.pem --encrypt\n"
      "  fleetctl key new --kind rsa --out keys/ci.pem --passphrase-file pass.txt\n"
      "  fleetctl key new --tpm2 --out keys/site.pem     # only this machine's TPM can use it\n"
      "In a PKCS#11 token its own tool makes keys:\n"
      "  pkcs11-tool --module M --login --keypairgen --key-type EC:prime256v1 --label root --id 01",
      [options](Cli& run) { return New(run, *options); });
  make.add_option("--out", options->out, "File of the private key; never overwritten")->required();
  make.add_option("--kind", options->kind,
                  "ed25519, ecdsa or rsa; ed25519 by default, ecdsa with --tpm2")
      ->check(CLI::IsMember({"ed25519", "ecdsa", "rsa"}));
  make.add_flag("--encrypt", options->encrypt, "Encrypt the file; asks for a passphrase");
  make.add_flag("--tpm2", options->tpm2, "Make the key in this machine's TPM");
  AddSecretOptions(make, options->secrets);
  AddTokenOptions(make, options->tokens);
}

void AddId(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<IdOptions>();
  CLI::App& id = cli.AddCommand(group, "id", "Print the TUF key id of keys",
                                "fleetctl key id root.pub\n"
                                "  fleetctl key id --pkcs11 'pkcs11:token=acme;object=root' "
                                "--out root.pub     # and save the public key",
                                [options](Cli& run) { return Id(run, *options); });
  id.add_option("files", options->keys, "Key files, public or private; tpm2:FILE");
  id.add_option("--pkcs11", options->pkcs11, "Key in a token: pkcs11:token=T;object=O")
      ->allow_extra_args(false);
  id.add_option("--out", options->out, "Also write the public key to this file");
  AddSecretOptions(id, options->secrets);
  AddTokenOptions(id, options->tokens);
}

}  // namespace

void AddKeyCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "key", "Keys that sign releases; they stay with you");
  AddNew(cli, group);
  AddId(cli, group);
  const auto folder = std::make_shared<std::string>(".");
  cli.AddCommand(group, "list", "Show the public keys of a folder", "fleetctl key list keys/",
                 [folder](Cli& run) { return List(run, *folder); })
      .add_option("folder", *folder, "Folder")
      ->capture_default_str();
}

}  // namespace flotilla::fleetctl
