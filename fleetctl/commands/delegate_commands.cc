#include "fleetctl/commands/delegate_commands.h"

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/stage_commands.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/rpc/stage_publication.h"
#include "fleetctl/trust/metadata_diff.h"
#include "fleetctl/trust/signing_keys.h"
#include "security/tuf/repository.h"

namespace flotilla::fleetctl {
namespace {

constexpr char kTargets[] = "targets";

struct DelegateOptions {
  std::string role;
  std::vector<std::string> keys;
  std::int64_t threshold = 0;  // 0: as it is, or 1
  std::vector<std::string> paths;
  std::string expires = "180d";
  std::string role_expires = "90d";
  ChangeOptions change;
};

// A stage over what is published, with the next version of targets in hand.
struct OpenTargets {
  Stage stage;
  tuf::Draft targets;
  OsDurableFs fs;
};

StatusOr<tuf::Draft> NextVersion(const Cli& cli, const tuf::Draft& draft,
                                 const std::string& life_text) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(life_text));
  tuf::Draft next = draft;
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, NextRoleVersion(cli, draft.version()));
  next.SetVersion(version);
  next.SetExpires(OsClock().Now() + life);
  return next;
}

StatusOr<OpenTargets> Open(Cli& cli, const DelegateOptions& options) {
  OsDurableFs fs;
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, OpenChange(options.change));
  FLOTILLA_RETURN_IF_ERROR(TrustPublished(cli, fs, options.role, stage));
  const tuf::Draft* published = stage.FindTrusted(kTargets);
  if (published == nullptr) {
    return FailedPrecondition("no targets are published yet; begin with fleetctl root init");
  }
  FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft targets, NextVersion(cli, *published, options.expires));
  return OpenTargets{std::move(stage), std::move(targets), fs};
}

// The delegation as it is published; NOT_FOUND.
StatusOr<tuf::DelegatedRole> PublishedDelegation(const Stage& stage, const std::string& role) {
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Targets targets,
                            TargetsOf(kTargets, *stage.FindTrusted(kTargets)));
  if (targets.delegations) {
    for (const tuf::DelegatedRole& delegated : targets.delegations->roles) {
      if (delegated.name == role) {
        return delegated;
      }
    }
  }
  return NotFound("targets delegates to no role " + role + "; fleetctl delegate list shows them");
}

StatusOr<int> Add(Cli& cli, const DelegateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(OpenTargets open, Open(cli, options));
  tuf::DelegationSpec spec;
  spec.name = options.role;
  FLOTILLA_ASSIGN_OR_RETURN(spec.keys, LoadPublicKeys(options.keys));
  spec.threshold = options.threshold == 0 ? 1 : options.threshold;
  spec.paths =
      options.paths.empty() ? std::vector<std::string>{options.role + "/*"} : options.paths;
  FLOTILLA_RETURN_IF_ERROR(open.targets.SetDelegation(spec));
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, kTargets, std::move(open.targets)));
  return FinishChange(cli, std::move(open.stage), options.change,
                      options.role + " may sign " + spec.paths.front() + " with " +
                          std::to_string(spec.threshold) + " of " +
                          std::to_string(spec.keys.size()) + " keys");
}

// The role's own metadata is signed anew in the same publication: by the old keys it would not hold
// any more.
StatusOr<int> Rotate(Cli& cli, const DelegateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(OpenTargets open, Open(cli, options));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::DelegatedRole had,
                            PublishedDelegation(open.stage, options.role));
  tuf::DelegationSpec spec;
  spec.name = options.role;
  FLOTILLA_ASSIGN_OR_RETURN(spec.keys, LoadPublicKeys(options.keys));
  spec.threshold = options.threshold == 0 ? had.keys.threshold : options.threshold;
  if (!had.paths.has_value()) {
    return FailedPrecondition(options.role +
                              " is delegated to by hash prefixes, which this command does not "
                              "write; use fleetctl delegate add");
  }
  spec.paths = options.paths.empty() ? *had.paths : options.paths;
  spec.terminating = had.terminating;
  FLOTILLA_RETURN_IF_ERROR(open.targets.SetDelegation(spec));
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, kTargets, std::move(open.targets)));
  if (const tuf::Draft* role = open.stage.FindTrusted(options.role); role != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft next, NextVersion(cli, *role, options.role_expires));
    FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, options.role, std::move(next)));
  }
  return FinishChange(cli, std::move(open.stage), options.change,
                      options.role + " has new keys; what the old ones sign counts no more");
}

StatusOr<int> Revoke(Cli& cli, const DelegateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(OpenTargets open, Open(cli, options));
  FLOTILLA_RETURN_IF_ERROR(PublishedDelegation(open.stage, options.role).status());
  FLOTILLA_RETURN_IF_ERROR(open.targets.RemoveDelegation(options.role));
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, kTargets, std::move(open.targets)));
  return FinishChange(cli, std::move(open.stage), options.change,
                      "nobody may sign " + options.role +
                          " any more; devices keep what they run, and take no release of it");
}

StatusOr<int> Renew(Cli& cli, const DelegateOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(OpenTargets open, Open(cli, options));
  if (options.role == kTargets) {
    FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, kTargets, std::move(open.targets)));
  } else {
    FLOTILLA_RETURN_IF_ERROR(PublishedDelegation(open.stage, options.role).status());
    const tuf::Draft* role = open.stage.FindTrusted(options.role);
    if (role == nullptr) {
      return NotFound(options.role + " has signed nothing yet, so nothing of it can lapse");
    }
    FLOTILLA_ASSIGN_OR_RETURN(tuf::Draft next, NextVersion(cli, *role, options.role_expires));
    FLOTILLA_RETURN_IF_ERROR(open.stage.Put(open.fs, options.role, std::move(next)));
  }
  return FinishChange(cli, std::move(open.stage), options.change, options.role + " is renewed");
}

struct RoleRow {
  std::string role;
  std::string version;
  std::string expires;
  bool over = false;
  std::int64_t threshold = 0;
  std::vector<std::string> keys;
};

StatusOr<RoleRow> RowOf(const Cli& cli, const std::string& role, const tuf::RoleKeys& keys) {
  RoleRow row{.role = role,
              .version = {},
              .expires = {},
              .threshold = keys.threshold,
              .keys = keys.key_ids};
  const auto bytes = PublishedMetadata(cli, role);
  if (bytes.status().code() == StatusCode::kNotFound) {
    return row;
  }
  FLOTILLA_RETURN_IF_ERROR(bytes.status());
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Draft draft, tuf::Draft::Load(*bytes));
  row.version = std::to_string(draft.version());
  row.expires = UtcText(draft.expires());
  row.over = draft.expires() <= OsClock().Now();
  return row;
}

StatusOr<std::vector<RoleRow>> ReadRows(Cli& cli) {
  Stage stage = Stage::InMemory();
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(TrustPublished(cli, fs, "", stage));
  FLOTILLA_ASSIGN_OR_RETURN(const tuf::Root root, RootOf(*stage.FindTrusted("root")));
  std::vector<RoleRow> rows;
  FLOTILLA_ASSIGN_OR_RETURN(RoleRow top, RowOf(cli, kTargets, root.targets));
  rows.push_back(std::move(top));
  if (stage.FindTrusted(kTargets) != nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(const tuf::Targets targets,
                              TargetsOf(kTargets, *stage.FindTrusted(kTargets)));
    if (targets.delegations) {
      for (const tuf::DelegatedRole& role : targets.delegations->roles) {
        FLOTILLA_ASSIGN_OR_RETURN(RoleRow row, RowOf(cli, role.name, role.keys));
        rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

void PrintRowsJson(Cli& cli, const std::vector<RoleRow>& rows) {
  boost::json::array roles;
  for (const RoleRow& row : rows) {
    boost::json::object object;
    object["role"] = row.role;
    object["version"] = row.version;
    object["expires"] = row.expires;
    object["expired"] = row.over;
    object["threshold"] = row.threshold;
    object["keys"] = boost::json::array(row.keys.begin(), row.keys.end());
    roles.push_back(std::move(object));
  }
  boost::json::object answer;
  answer["roles"] = std::move(roles);
  cli.out() << boost::json::serialize(answer) << "\n";
}

StatusOr<int> List(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<RoleRow> rows, ReadRows(cli));
  if (cli.form() == OutputForm::kJson) {
    PrintRowsJson(cli, rows);
    return kExitOk;
  }
  Table table({"ROLE", "VERSION", "EXPIRES", "STATE", "THRESHOLD", "KEYS"});
  for (const RoleRow& row : rows) {
    std::string ids;
    for (const std::string& id : row.keys) {
      ids += (ids.empty() ? "" : ",") + ShortKeyId(id);
    }
    const std::string state = row.over ? "EXPIRED" : "ok";
    table.Add({row.role, row.version, row.expires, row.version.empty() ? "nothing signed" : state,
               std::to_string(row.threshold), ids});
  }
  table.Print(cli.out());
  return kExitOk;
}

void AddKeysOptions(CLI::App& command, DelegateOptions& options) {
  command.add_option("--keys", options.keys, "Public keys of the role")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->required();
  command.add_option("--threshold", options.threshold, "How many of them must sign")
      ->check(CLI::Range(1, 32));
  command.add_option("--paths", options.paths, "Target paths it answers for; ROLE/* by default")
      ->delimiter(',')
      ->allow_extra_args(false);
}

template <typename Run>
CLI::App& AddChange(Cli& cli, CLI::App& group, const std::string& name, const std::string& what,
                    const std::string& example, const std::shared_ptr<DelegateOptions>& options,
                    Run run) {
  CLI::App& command = cli.AddCommand(
      group, name, what, example, [options, run](Cli& started) { return run(started, *options); });
  command.add_option("role", options->role, "Name of the role: models-LINE")->required();
  command.add_option("--expires", options->expires, "Life of the new targets metadata")
      ->capture_default_str();
  AddChangeOptions(command, options->change);
  return command;
}

void AddRoleExpires(CLI::App& command, DelegateOptions& options) {
  command.add_option("--role-expires", options.role_expires, "Life of the role's own metadata")
      ->capture_default_str();
}

}  // namespace

void AddDelegateCommands(Cli& cli) {
  CLI::App& group = cli.AddGroup(cli.app(), "delegate", "Who may sign the releases of a line");
  const auto added = std::make_shared<DelegateOptions>();
  AddKeysOptions(
      AddChange(cli, group, "add", "Let keys sign a line's releases, or more keys than before",
                "fleetctl delegate add models-pump-assistant --keys ci.pub --key targets.pem",
                added, Add),
      *added);
  const auto rotated = std::make_shared<DelegateOptions>();
  CLI::App& rotate = AddChange(
      cli, group, "rotate",
      "Replace the keys of a role; its metadata is signed anew with them at once",
      "fleetctl delegate rotate models-pump-assistant --keys new.pub --key targets.pem --key "
      "new.pem\n  fleetctl delegate rotate models-pump-assistant --keys new.pub --stage stage/",
      rotated, Rotate);
  AddKeysOptions(rotate, *rotated);
  AddRoleExpires(rotate, *rotated);
  AddChange(cli, group, "revoke", "Let nobody sign a role's releases any more",
            "fleetctl delegate revoke models-pump-assistant --key targets.pem",
            std::make_shared<DelegateOptions>(), Revoke);
  const auto renewed = std::make_shared<DelegateOptions>();
  AddRoleExpires(
      AddChange(cli, group, "renew",
                "Sign a role (or targets) again unchanged, before it lapses or after",
                "fleetctl delegate renew models-pump-assistant --key models.pem", renewed, Renew),
      *renewed);
  cli.AddCommand(group, "list", "Show the roles, their keys and when they lapse",
                 "fleetctl delegate list", [](Cli& run) { return List(run); });
  AddStageCommands(cli, group, "delegate");
}

}  // namespace flotilla::fleetctl
