#include "fleetctl/commands/recover_commands.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/file.h"
#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/stage_commands.h"
#include "fleetctl/rpc/stage_publication.h"
#include "fleetctl/trust/folder_metadata.h"
#include "fleetctl/trust/root_edit.h"
#include "fleetctl/trust/root_source.h"
#include "security/tuf/limits.h"
#include "security/tuf/online_roles.h"

namespace flotilla::fleetctl {
namespace {

struct RecoverOptions {
  std::vector<std::string> roles;
  RootEdit edit;
  std::string from;
  std::string targets_from;
  std::int64_t targets_version = 0;
  std::string expires = "365d";
  std::string targets_expire = "180d";
  std::string out;
};

bool Names(const RecoverOptions& options, const std::string& role) {
  return std::find(options.roles.begin(), options.roles.end(), role) != options.roles.end();
}

bool HasNewKeys(const RecoverOptions& options, const std::string& role) {
  return std::any_of(options.edit.set_keys.begin(), options.edit.set_keys.end(),
                     [&role](const std::string& text) { return text.starts_with(role + "="); });
}

// Versions fall only where the keys that signed them are replaced: that is what makes devices
// forget them.
Status CheckOptions(const RecoverOptions& options) {
  for (const std::string& role : options.roles) {
    if (role != "timestamp" && role != "snapshot" && role != "targets") {
      return InvalidArgument("--roles " + role +
                             ": fast-forward is undone for timestamp, snapshot and targets");
    }
    if (!HasNewKeys(options, role)) {
      return InvalidArgument(
          absl::StrCat(role, ": its stolen key has to go, so give the new one: --set-key ", role,
                       "=NEW.pub (flotilla-controller online-key makes those of timestamp and "
                       "snapshot)"));
    }
  }
  if (Names(options, "targets") && !Names(options, "snapshot")) {
    return InvalidArgument(
        "targets falls back only together with snapshot, whose old versions would forbid it: "
        "--roles timestamp,snapshot,targets");
  }
  return OkStatus();
}

StatusOr<tuf::Draft> LoadDraft(const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(file, tuf::kMaxTargetsBytes));
  return tuf::Draft::Load(bytes);
}

StatusOr<tuf::Draft> NewestIn(const std::filesystem::path& folder, const std::string& role) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, NewestVersionIn(folder, role));
  return LoadDraft(folder / tuf::MetadataFileName(role, version));
}

// One above the good version, but never the number of what is published: a cache on the way may
// hold that file for ever.
std::int64_t NextVersion(const tuf::Draft& good, const tuf::Draft* published) {
  const std::int64_t next = good.version() + 1;
  return published != nullptr && published->version() == next ? next + 1 : next;
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

StatusOr<tuf::Draft> GoodTargets(const RecoverOptions& options, const Stage& stage) {
  if (IsFolder(options.targets_from)) {
    return NewestIn(options.targets_from, "targets");
  }
  if (!options.targets_from.empty()) {
    return LoadDraft(options.targets_from);
  }
  const tuf::Draft* published = stage.FindTrusted("targets");
  return published == nullptr ? StatusOr<tuf::Draft>(FailedPrecondition(
                                    "give the last good targets: --targets-from V.targets.json"))
                              : *published;
}

// The roles below targets as they were, where the thief has published something else.
Status StageGoodRoles(Cli& cli, const RecoverOptions& options, Time expires, OsDurableFs& fs,
                      Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Targets targets,
                            TargetsOf("targets", *stage.Find("targets")));
  if (!IsFolder(options.targets_from) || !targets.delegations) {
    return OkStatus();
  }
  for (const tuf::DelegatedRole& role : targets.delegations->roles) {
    auto good = NewestIn(options.targets_from, role.name);
    if (good.status().code() == StatusCode::kNotFound) {
      continue;
    }
    FLOTILLA_RETURN_IF_ERROR(good.status());
    if (options.from.empty()) {
      FLOTILLA_RETURN_IF_ERROR(TrustPublished(cli, fs, role.name, stage));
    }
    const tuf::Draft* published = stage.FindTrusted(role.name);
    if (published != nullptr && published->signed_part() == good->signed_part()) {
      continue;
    }
    good->SetVersion(NextVersion(*good, published));
    good->SetExpires(expires);
    FLOTILLA_RETURN_IF_ERROR(stage.Put(fs, role.name, std::move(good).value()));
  }
  return OkStatus();
}

// What targets said before the thief: from a backup, or what is published.
Status StageGoodTargets(Cli& cli, const RecoverOptions& options, Time expires, OsDurableFs& fs,
                        Stage& stage) {
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft good, GoodTargets(options, stage));
  if (options.targets_version == 0 && good.version() == std::numeric_limits<std::int64_t>::max()) {
    return InvalidArgument("targets stands at the highest version there is: --targets-version 1");
  }
  good.SetVersion(options.targets_version == 0 ? NextVersion(good, stage.FindTrusted("targets"))
                                               : options.targets_version);
  good.SetExpires(expires);
  FLOTILLA_RETURN_IF_ERROR(stage.Put(fs, "targets", std::move(good)));
  return StageGoodRoles(cli, options, expires, fs, stage);
}

StatusOr<int> FastForward(Cli& cli, const RecoverOptions& options) {
  FLOTILLA_RETURN_IF_ERROR(CheckOptions(options));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration targets_life, ParseDurationText(options.targets_expire));
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, Stage::Create(fs, std::filesystem::absolute(options.out)));
  FLOTILLA_RETURN_IF_ERROR(options.from.empty() ? TrustPublished(cli, fs, "", stage)
                                                : TrustFiles(fs, options.from, stage));
  const Time now = OsClock().Now();
  if (Names(options, "targets")) {
    FLOTILLA_RETURN_IF_ERROR(StageGoodTargets(cli, options, now + targets_life, fs, stage));
  }
  FLOTILLA_RETURN_IF_ERROR(StageRootEdit(fs, options.edit, now + life, now + targets_life, stage));
  FLOTILLA_RETURN_IF_ERROR(ShowStage(cli, stage).status());
  if (cli.form() != OutputForm::kJson) {
    cli.out() << "Once published, devices drop the timestamp and snapshot they hold and take "
                 "lower versions.\n";
  }
  return kExitOk;
}

}  // namespace

void AddRecoverCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "recover", "Ways back after a theft");
  const auto options = std::make_shared<RecoverOptions>();
  CLI::App& command = cli.AddCommand(
      group, "fast-forward",
      "Stage a root that replaces stolen keys, so that devices take lower versions again",
      "fleetctl recover fast-forward --roles timestamp,snapshot --set-key timestamp=t2.pub "
      "--set-key snapshot=s2.pub --out stage/",
      [options](Cli& run) { return FastForward(run, *options); });
  command.add_option("--roles", options->roles, "timestamp, snapshot, targets")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  command.add_option("--set-key", options->edit.set_keys, "ROLE=FILE.pub[,FILE.pub]; several")
      ->allow_extra_args(false)
      ->required();
  command.add_option("--from", options->from,
                     "Root file or metadata folder to start from; otherwise the controller's");
  command.add_option(
      "--targets-from", options->targets_from,
      "The last targets file that was good, or a metadata folder from a backup (then "
      "the roles below targets come from there too); otherwise the published one");
  command
      .add_option("--targets-version", options->targets_version,
                  "Version of the new targets; otherwise one above")
      ->check(CLI::PositiveNumber);
  command.add_option("--expires", options->expires, "Life of the root")->capture_default_str();
  command.add_option("--targets-expire", options->targets_expire, "Life of targets")
      ->capture_default_str();
  command.add_option("--out", options->out, "Folder of the stage")->required();
}

}  // namespace flotilla::fleetctl
