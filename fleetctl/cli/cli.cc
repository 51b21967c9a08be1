#include "fleetctl/cli/cli.h"

#include <istream>
#include <ostream>
#include <string>
#include <utility>

#include "base/version.h"
#include "fleetctl/cli/exit_code.h"

namespace flotilla::fleetctl {
namespace {

constexpr char kOverview[] =
    "fleetctl signs model releases and rolls them out to a fleet.\n"
    "\n"
    "First steps:\n"
    "  fleetctl context set lab --from STATE_DIR/operator   # who you are, and which controller\n"
    "  fleetctl device list\n"
    "  fleetctl release push --line pump-assistant --version 2.0.0 --key models.pem --golden "
    "golden.jsonl model.gguf\n"
    "  fleetctl rollout create pump-2 --line pump-assistant --version 2.0.0\n"
    "  fleetctl rollout start pump-2 && fleetctl rollout status pump-2 --wait\n"
    "\n"
    "Exit codes: 0 ok, 1 error, 2 usage, 3 not found, 4 not permitted, 5 conflict, 6 timed out, 7 "
    "controller\n"
    "unavailable, 8 partly done; rollout status --wait: 20 aborted or rolled back, 21 paused, 22 "
    "superseded.";

}  // namespace

Cli::Cli(CLI::App& app, Surroundings surroundings)
    : app_(app), surroundings_(std::move(surroundings)) {
  app_.description(kOverview);
  app_.set_version_flag("--version", std::string("fleetctl ") + kVersion);
  app_.require_subcommand(1);
  app_.add_option("--context-file", context_file_, "File of contexts")
      ->default_str(surroundings_.context_file.string());
  app_.add_option("--context", context_, "Context to use instead of the current one");
  app_.add_option("-o,--output", form_, "table, wide or json")
      ->check(CLI::IsMember({"table", "wide", "json"}));
  app_.add_option("--timeout", timeout_, "Limit of a call, or of --wait: 30s, 10m");
  app_.add_flag("-y,--yes", assume_yes_, "Do not ask before a change");
  app_.fallthrough();
}

CLI::App& Cli::AddGroup(CLI::App& parent, const std::string& name, const std::string& what) {
  CLI::App& group = *parent.add_subcommand(name, what);
  group.require_subcommand(1);
  group.fallthrough();
  return group;
}

CLI::App& Cli::AddCommand(CLI::App& parent, const std::string& name, const std::string& what,
                          const std::string& example, Run run) {
  CLI::App& command = *parent.add_subcommand(name, what);
  command.fallthrough();
  command.footer("Example:\n  " + example);
  command.callback([this, run = std::move(run)] { chosen_ = run; });
  return command;
}

int Cli::Main(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app_.exit(error, surroundings_.out, surroundings_.err);
    return code == 0 ? kExitOk : kExitUsage;
  }
  const StatusOr<int> result = chosen_(*this);
  if (result.ok()) {
    return *result;
  }
  const int reason = ReasonNumber(result.status());
  err() << "fleetctl: " << MessageOf(result.status());
  if (reason != 0) {
    err() << " [" << ReasonName(reason) << " " << reason << "]";
  }
  err() << "\n";
  return ExitCodeOf(result.status());
}

OutputForm Cli::form() const {
  if (form_ == "json") {
    return OutputForm::kJson;
  }
  return form_ == "wide" ? OutputForm::kWide : OutputForm::kTable;
}

StatusOr<Duration> Cli::Timeout() const {
  return timeout_.empty() ? StatusOr<Duration>(absl::Seconds(30)) : ParseDurationText(timeout_);
}

StatusOr<std::optional<Duration>> Cli::StatedTimeout() const {
  if (timeout_.empty()) {
    return std::optional<Duration>();
  }
  FLOTILLA_ASSIGN_OR_RETURN(const Duration limit, ParseDurationText(timeout_));
  return std::optional<Duration>(limit);
}

ContextStore Cli::contexts() const {
  return ContextStore(context_file_.empty() ? surroundings_.context_file
                                            : std::filesystem::path(context_file_));
}

StatusOr<config::v1::Context> Cli::UsedContext() const {
  return contexts().Find(context_);
}

Status Cli::Confirm(const std::string& question) const {
  if (assume_yes_) {
    return OkStatus();
  }
  if (!surroundings_.terminal) {
    return Aborted(question + " Say --yes where nobody can be asked.");
  }
  out() << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(surroundings_.in, answer);
  return answer == "y" || answer == "yes" ? OkStatus() : Aborted("nothing was changed");
}

}  // namespace flotilla::fleetctl
