// The frame around fleetctl's commands: global options, help with examples, one way to end.
#ifndef FLOTILLA_FLEETCTL_CLI_CLI_H_
#define FLOTILLA_FLEETCTL_CLI_CLI_H_

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/status.h"
#include "base/time.h"
#include "fleetctl/context/context.h"
#include "fleetctl/output/output.h"

namespace flotilla::fleetctl {

// What the process was given; main fills it, nothing else looks at the environment.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  bool terminal = false;  // `out` is a terminal: live progress and colour
  bool colour = false;
  std::filesystem::path context_file;  // unless --context-file
};

// Global options, shared by all commands of one run.
class Cli {
 public:
  // A command answers with a status (its exit code and error text follow from it), or with its own
  // exit code.
  using Run = std::function<StatusOr<int>(Cli&)>;

  Cli(CLI::App& app, Surroundings surroundings);

  // A group ("rollout") or a command below `parent`. `example` is shown by --help: one command line
  // a line.
  CLI::App& AddGroup(CLI::App& parent, const std::string& name, const std::string& what);
  CLI::App& AddCommand(CLI::App& parent, const std::string& name, const std::string& what,
                       const std::string& example, Run run);

  // Parses and runs. Returns the exit code; errors are on surroundings().err.
  int Main(int argc, const char* const* argv);

  CLI::App& app() { return app_; }
  const Surroundings& surroundings() const { return surroundings_; }
  std::ostream& out() const { return surroundings_.out; }
  std::ostream& err() const { return surroundings_.err; }
  OutputForm form() const;
  // Limit of one call to the controller, and of --wait.
  StatusOr<Duration> Timeout() const;
  // Absent when --timeout was not given: a watch then has no end.
  StatusOr<std::optional<Duration>> StatedTimeout() const;
  bool assume_yes() const { return assume_yes_; }

  ContextStore contexts() const;
  // The context in use. NOT_FOUND says how to make one.
  StatusOr<config::v1::Context> UsedContext() const;

  // OK after "y" on a terminal or with --yes; ABORTED otherwise. `question` names what will change.
  Status Confirm(const std::string& question) const;

 private:
  CLI::App& app_;
  Surroundings surroundings_;
  std::string context_file_;
  std::string context_;
  std::string form_ = "table";
  std::string timeout_;
  bool assume_yes_ = false;
  Run chosen_;
};

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_CLI_CLI_H_
