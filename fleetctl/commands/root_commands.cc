#include "fleetctl/commands/root_commands.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/trust/root_stage.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {
namespace {

struct RoleOptions {
  std::vector<std::string> keys;
  std::int64_t threshold = 1;
};

struct InitOptions {
  RoleOptions root;
  RoleOptions targets;
  RoleOptions snapshot;
  RoleOptions timestamp;
  std::string expires = "365d";
  std::string targets_expire = "180d";
  std::string out;
};

struct SignOptions {
  std::string folder;
  SigningOptions signing;
};

Status AddRole(tuf::Draft& root, const std::string& role, const RoleOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto keys, LoadPublicKeys(options.keys));
  if (options.threshold > static_cast<std::int64_t>(keys.size())) {
    return InvalidArgument(role + ": a threshold of " + std::to_string(options.threshold) +
                           " with " + std::to_string(keys.size()) + " keys can never be met");
  }
  for (const security::PublicKey& key : keys) {
    FLOTILLA_RETURN_IF_ERROR(root.AddKey(role, key));
  }
  return root.SetThreshold(role, options.threshold);
}

std::string ShortIds(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ",") + id.substr(0, 12);
  }
  return text;
}

bool IsComplete(const std::vector<StagedSignatures>& all) {
  return std::all_of(all.begin(), all.end(), [](const StagedSignatures& one) {
    return static_cast<std::int64_t>(one.signed_by.size()) >= one.threshold;
  });
}

int PrintStage(Cli& cli, const RootStage& stage) {
  const tuf::Root& root = stage.root();
  cli.out() << "root " << root.common.version << ", expires " << UtcText(root.common.expires)
            << "\n";
  Table keys({"ROLE", "THRESHOLD", "KEYS"});
  const auto add = [&keys](const char* role, const tuf::RoleKeys& role_keys) {
    keys.Add({role, std::to_string(role_keys.threshold), ShortIds(role_keys.key_ids)});
  };
  add("root", root.root);
  add("targets", root.targets);
  add("snapshot", root.snapshot);
  add("timestamp", root.timestamp);
  keys.Print(cli.out());
  const std::vector<StagedSignatures> all = stage.Signatures();
  Table table({"FILE", "SIGNATURES", "SIGNED BY", "MAY STILL SIGN"});
  for (const StagedSignatures& one : all) {
    table.Add({one.role + " " + std::to_string(one.version),
               std::to_string(one.signed_by.size()) + " of " + std::to_string(one.threshold),
               ShortIds(one.signed_by), ShortIds(one.missing)});
  }
  table.Print(cli.out());
  return IsComplete(all) ? kExitOk : kExitPartlyDone;
}

StatusOr<int> Init(Cli& cli, const InitOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration targets_life, ParseDurationText(options.targets_expire));
  const Time now = OsClock().Now();
  tuf::Draft root = tuf::Draft::New(tuf::RoleType::kRoot, now + life);
  FLOTILLA_RETURN_IF_ERROR(AddRole(root, "root", options.root));
  FLOTILLA_RETURN_IF_ERROR(AddRole(root, "targets", options.targets));
  FLOTILLA_RETURN_IF_ERROR(AddRole(root, "snapshot", options.snapshot));
  FLOTILLA_RETURN_IF_ERROR(AddRole(root, "timestamp", options.timestamp));
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(
      const RootStage stage,
      RootStage::Create(fs, std::filesystem::absolute(options.out), root, now + targets_life));
  PrintStage(cli, stage);
  return kExitOk;
}

StatusOr<int> Sign(Cli& cli, const SignOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto signers, LoadSigners(options.signing));
  FLOTILLA_ASSIGN_OR_RETURN(RootStage stage,
                            RootStage::Load(std::filesystem::absolute(options.folder)));
  OsDurableFs fs;
  for (const auto& signer : signers) {
    FLOTILLA_ASSIGN_OR_RETURN(const auto roles, stage.Sign(fs, *signer));
    for (const std::string& role : roles) {
      cli.out() << "signed " << role << "\n";
    }
  }
  return kExitOk;
}

StatusOr<int> Show(Cli& cli, const std::string& folder) {
  FLOTILLA_ASSIGN_OR_RETURN(const RootStage stage, RootStage::Load(folder));
  return PrintStage(cli, stage);
}

StatusOr<int> Publish(Cli& cli, const std::string& folder) {
  FLOTILLA_ASSIGN_OR_RETURN(const RootStage stage, RootStage::Load(folder));
  for (const StagedSignatures& one : stage.Signatures()) {
    if (static_cast<std::int64_t>(one.signed_by.size()) < one.threshold) {
      return FailedPrecondition(one.role + ": " + std::to_string(one.signed_by.size()) + " of " +
                                std::to_string(one.threshold) +
                                " signatures; go on with: fleetctl root sign " + folder +
                                " --key " + one.role + ".pem");
    }
  }
  std::vector<v1::MetadataFile> files;
  for (const auto& [role, draft] : stage.drafts()) {
    FLOTILLA_ASSIGN_OR_RETURN(v1::MetadataFile file, ToFile(role, draft));
    files.push_back(std::move(file));
  }
  FLOTILLA_ASSIGN_OR_RETURN(const auto response, PublishFiles(cli, files));
  cli.out() << "root " << stage.root().common.version << " is published; snapshot "
            << response.snapshot_version() << ", timestamp " << response.timestamp_version()
            << "\n";
  return kExitOk;
}

void AddRoleOptions(CLI::App& command, const std::string& prefix, RoleOptions& options,
                    const std::string& role) {
  command.add_option("--" + prefix + "keys", options.keys, "Public keys of " + role)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  command.add_option("--" + prefix + "threshold", options.threshold, "How many of them must sign")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
}

void AddInit(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<InitOptions>();
  CLI::App& init = cli.AddCommand(
      group, "init", "Stage the first root, and an empty targets",
      "fleetctl root init --keys a.pub,b.pub,c.pub --threshold 2 --targets-keys t.pub "
      "--snapshot-keys STATE_DIR/online-keys/snapshot.pub "
      "--timestamp-keys STATE_DIR/online-keys/timestamp.pub --out stage/",
      [options](Cli& run) { return Init(run, *options); });
  AddRoleOptions(init, "", options->root, "root");
  AddRoleOptions(init, "targets-", options->targets, "targets");
  AddRoleOptions(init, "snapshot-", options->snapshot, "snapshot (the controller's)");
  AddRoleOptions(init, "timestamp-", options->timestamp, "timestamp (the controller's)");
  init.add_option("--expires", options->expires, "Life of the root")->capture_default_str();
  init.add_option("--targets-expire", options->targets_expire, "Life of the empty targets")
      ->capture_default_str();
  init.add_option("--out", options->out, "Folder of the stage")->required();
}

}  // namespace

void AddRootCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "root", "The root of trust of all releases");
  AddInit(cli, group);
  const auto sign = std::make_shared<SignOptions>();
  CLI::App& sign_command =
      cli.AddCommand(group, "sign", "Sign what is staged with the keys you hold",
                     "fleetctl root sign stage/ --key a.pem --key targets.pem",
                     [sign](Cli& run) { return Sign(run, *sign); });
  sign_command.add_option("folder", sign->folder, "Folder of the stage")->required();
  AddSigningOptions(sign_command, sign->signing);
  const auto shown = std::make_shared<std::string>();
  cli.AddCommand(group, "show", "Show what is staged and who has signed; 8 when signatures lack",
                 "fleetctl root show stage/", [shown](Cli& run) { return Show(run, *shown); })
      .add_option("folder", *shown, "Folder of the stage")
      ->required();
  const auto published = std::make_shared<std::string>();
  cli.AddCommand(group, "publish", "Publish what is staged", "fleetctl root publish stage/",
                 [published](Cli& run) { return Publish(run, *published); })
      .add_option("folder", *published, "Folder of the stage")
      ->required();
}

}  // namespace flotilla::fleetctl
