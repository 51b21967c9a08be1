#include "fleetctl/commands/floor_commands.h"

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "base/os_clock.h"
#include "base/os_durable_fs.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/stage_commands.h"
#include "fleetctl/rpc/published_role.h"
#include "fleetctl/rpc/stage_publication.h"
#include "fleetctl/trust/root_edit.h"
#include "ota/format/release_document.h"

namespace flotilla::fleetctl {
namespace {

struct FloorOptions {
  std::string line;
  std::int64_t counter = 0;
  std::string expires = "90d";
  std::string root_expires = "365d";
  ChangeOptions change;
};

struct OpenLine {
  Stage stage;
  std::string role;
  tuf::Draft next;  // the role's next version
};

StatusOr<OpenLine> Open(Cli& cli, const FloorOptions& options, Stage stage) {
  FLOTILLA_ASSIGN_OR_RETURN(const ModelLine line, ModelLine::Parse(options.line));
  FLOTILLA_ASSIGN_OR_RETURN(const Duration life, ParseDurationText(options.expires));
  const std::string role = ota::RoleOfLine(line);
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(TrustPublished(cli, fs, role, stage));
  const tuf::Draft* published = stage.FindTrusted(role);
  if (published == nullptr) {
    return NotFound("line " + options.line + " has no release yet, so no floor either");
  }
  tuf::Draft next = *published;
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, NextRoleVersion(cli, published->version()));
  next.SetVersion(version);
  next.SetExpires(OsClock().Now() + life);
  return OpenLine{std::move(stage), role, std::move(next)};
}

StatusOr<int> Set(Cli& cli, const FloorOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, OpenChange(options.change));
  FLOTILLA_ASSIGN_OR_RETURN(OpenLine open, Open(cli, options, std::move(stage)));
  FLOTILLA_RETURN_IF_ERROR(open.next.RaiseFloor(options.counter));
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(fs, open.role, std::move(open.next)));
  if (cli.form() != OutputForm::kJson) {
    cli.out() << "No release of " << options.line << " below counter " << options.counter
              << " will run again. Only root keys can take this back (fleetctl floor reset).\n";
  }
  return FinishChange(cli, std::move(open.stage), options.change,
                      "the floor of " + options.line + " is " + std::to_string(options.counter));
}

// Two signatures lower a floor: the root's, which makes devices forget the one they remember, and
// the line's, which states the lower one.
StatusOr<int> Reset(Cli& cli, const FloorOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const Duration root_life, ParseDurationText(options.root_expires));
  FLOTILLA_ASSIGN_OR_RETURN(Stage stage, OpenChange(options.change));
  FLOTILLA_ASSIGN_OR_RETURN(OpenLine open, Open(cli, options, std::move(stage)));
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(open.next.ResetFloor(options.counter));
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(fs, open.role, std::move(open.next)));
  tuf::Draft root = *open.stage.FindTrusted("root");
  root.SetVersion(root.version() + 1);
  root.SetExpires(OsClock().Now() + root_life);
  FLOTILLA_RETURN_IF_ERROR(root.SetFloorReset(open.role, options.counter));
  FLOTILLA_RETURN_IF_ERROR(open.stage.Put(fs, "root", std::move(root)));
  return FinishChange(cli, std::move(open.stage), options.change,
                      "the floor of " + options.line + " is " + std::to_string(options.counter) +
                          " on every device that has this root");
}

void AddOptions(CLI::App& command, FloorOptions& options, const char* counter) {
  command.add_option("line", options.line, "Model line")->required();
  command.add_option("--counter", options.counter, counter)
      ->check(CLI::NonNegativeNumber)
      ->required();
  command.add_option("--expires", options.expires, "Life of the line's metadata")
      ->capture_default_str();
  AddChangeOptions(command, options.change);
}

}  // namespace

void AddFloorCommands(Cli& cli) {
  CLI::App& group =
      cli.AddGroup(cli.app(), "floor", "The lowest release counter of a line that may run");
  const auto set = std::make_shared<FloorOptions>();
  AddOptions(cli.AddCommand(group, "set", "Raise the floor of a line",
                            "fleetctl floor set pump-assistant --counter 7 --key models.pem",
                            [set](Cli& run) { return Set(run, *set); }),
             *set, "The floor; it never falls without root keys");
  const auto reset = std::make_shared<FloorOptions>();
  CLI::App& reset_command = cli.AddCommand(
      group, "reset", "Lower the floor of a line, by the keys of root and of the line",
      "fleetctl floor reset pump-assistant --counter 3 --stage stage/",
      [reset](Cli& run) { return Reset(run, *reset); });
  AddOptions(reset_command, *reset, "The floor from now on");
  reset_command.add_option("--root-expires", reset->root_expires, "Life of the new root")
      ->capture_default_str();
}

}  // namespace flotilla::fleetctl
