#include "fleetctl/commands/root_commands.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/stage_commands.h"
#include "fleetctl/rpc/stage_publication.h"
#include "fleetctl/trust/root_edit.h"
#include "fleetctl/trust/root_source.h"
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

struct EditOptions {
  std::string folder;
  std::string from;
  RootEdit edit;
  std::string expires = "365d";
  std::string targets_expire = "180d";
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

// What is staged is no failure because nobody has signed it yet.
StatusOr<int> ShowNew(Cli& cli, const Stage& stage) {
  FLOTILLA_RETURN_IF_ERROR(ShowStage(cli, stage).status());
  return kExitOk;
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
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, Stage::Create(fs, std::filesystem::absolute(options.out)));
  FLOTILLA_RETURN_IF_ERROR(stage.Put(fs, "root", std::move(root)));
  FLOTILLA_RETURN_IF_ERROR(
      stage.Put(fs, "targets", tuf::Draft::New(tuf::RoleType::kTargets, now + targets_life)));
  return ShowNew(cli, stage);
}

// The stage that is there, or a new one over what is published.
StatusOr<Stage> OpenEdit(Cli& cli, DurableFs& fs, const EditOptions& options) {
  const std::filesystem::path folder = std::filesystem::absolute(options.folder);
  StatusOr<Stage> made = Stage::Create(fs, folder);
  if (made.status().code() == StatusCode::kAlreadyExists && options.from.empty()) {
    return Stage::Load(folder);
  }
  FLOTILLA_RETURN_IF_ERROR(made.status());
  Stage stage = std::move(made).value();
  FLOTILLA_RETURN_IF_ERROR(options.from.empty()
                               ? TrustPublished(cli, fs, "", stage)
                               : TrustFiles(fs, std::filesystem::path(options.from), stage));
  return stage;
}

StatusOr<int> Edit(Cli& cli, const EditOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration targets_life, ParseDurationText(options.targets_expire));
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, OpenEdit(cli, fs, options));
  const bool dropped = stage.Find("root") != nullptr && !stage.Find("root")->signed_by().empty();
  const Time now = OsClock().Now();
  FLOTILLA_RETURN_IF_ERROR(StageRootEdit(fs, options.edit, now + life, now + targets_life, stage));
  if (dropped) {
    cli.err() << "the signatures that were there covered another text and are gone: sign again\n";
  }
  return ShowNew(cli, stage);
}

StatusOr<int> Reset(Cli& /*cli*/) {
  return FailedPrecondition(
      "a root cannot be reset from here. Devices follow a new root only when the keys of the root "
      "they trust have signed it; if so many of these are lost or stolen that the threshold "
      "cannot be met, nothing that is published can reach them, and that is what protects them. "
      "Make a new root (fleetctl root init) and bring it to each device as its factory root: with "
      "the agent's package, or on a USB stick with flotilla-agent's --trust-root. "
      "docs/runbooks/root-threshold-lost.md has the steps");
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

void AddLives(CLI::App& command, std::string& expires, std::string& targets_expire) {
  command.add_option("--expires", expires, "Life of the root")->capture_default_str();
  command.add_option("--targets-expire", targets_expire, "Life of targets, where it is signed too")
      ->capture_default_str();
}

void AddInit(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<InitOptions>();
  CLI::App& init = cli.AddCommand(
      group, "init", "Stage the first root, and an empty targets, offline",
      "fleetctl root init --keys a.pub,b.pub,c.pub --threshold 2 --targets-keys t.pub "
      "--snapshot-keys STATE_DIR/online-keys/snapshot.pub "
      "--timestamp-keys STATE_DIR/online-keys/timestamp.pub --out stage/",
      [options](Cli& run) { return Init(run, *options); });
  AddRoleOptions(init, "", options->root, "root");
  AddRoleOptions(init, "targets-", options->targets, "targets");
  AddRoleOptions(init, "snapshot-", options->snapshot, "snapshot (the controller's)");
  AddRoleOptions(init, "timestamp-", options->timestamp, "timestamp (the controller's)");
  AddLives(init, options->expires, options->targets_expire);
  init.add_option("--out", options->out, "Folder of the stage")->required();
}

void AddEdit(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<EditOptions>();
  CLI::App& edit = cli.AddCommand(
      group, "edit", "Stage the root that follows, or change the one that is staged",
      "fleetctl root edit stage/ --add-key root=dora.pub --drop-key root=3f2a9c01\n"
      "  fleetctl root edit stage/ --from metadata/ --set-key timestamp=new.pub --threshold root=2",
      [options](Cli& run) { return Edit(run, *options); });
  const auto several = [&edit](const char* name, std::vector<std::string>& values,
                               const char* what) {
    edit.add_option(name, values, what)->allow_extra_args(false);
  };
  edit.add_option("folder", options->folder, "Folder of the stage, made when it is not there")
      ->required();
  several("--add-key", options->edit.add_keys, "ROLE=FILE.pub; several");
  several("--drop-key", options->edit.drop_keys, "ROLE=KEYID, its first 8 digits or more; several");
  several("--set-key", options->edit.set_keys, "ROLE=FILE.pub[,FILE.pub]: these and no others");
  several("--threshold", options->edit.thresholds, "ROLE=N; several");
  AddLives(edit, options->expires, options->targets_expire);
  edit.add_option("--from", options->from,
                  "Start from this root file, or from the newest in this metadata folder, without "
                  "any network; otherwise from the controller's");
}

}  // namespace

void AddRootCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "root", "The root of trust of all releases");
  AddInit(cli, group);
  AddEdit(cli, group);
  AddStageCommands(cli, group, "root");
  cli.AddCommand(group, "reset", "Refused: says what to do when too many root keys are lost",
                 "fleetctl root reset", [](Cli& run) { return Reset(run); });
}

}  // namespace flotilla::fleetctl
