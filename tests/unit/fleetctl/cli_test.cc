#include "fleetctl/cli/cli.h"

#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/commands/all_commands.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

// The whole program, with a file of contexts that does not exist.
Outcome RunFleetctl(std::vector<const char*> words) {
  const flotilla::TempDir dir;
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  CLI::App app("", "fleetctl");
  Cli cli(app, {out, err, in, false, false, dir.path() / "contexts.yaml"});
  AddAllCommands(cli);
  words.insert(words.begin(), "fleetctl");
  const int code = cli.Main(static_cast<int>(words.size()), words.data());
  return {code, out.str(), err.str()};
}

TEST(Cli, UsageMistakesEndWithTwo) {
  EXPECT_EQ(RunFleetctl({}).code, kExitUsage);
  EXPECT_EQ(RunFleetctl({"rollout"}).code, kExitUsage);
  EXPECT_EQ(RunFleetctl({"rollout", "creat"}).code, kExitUsage);
  EXPECT_EQ(RunFleetctl({"rollout", "start"}).code, kExitUsage);
  EXPECT_EQ(RunFleetctl({"-o", "xml", "rollout", "list"}).code, kExitUsage);
  const Outcome waves =
      RunFleetctl({"rollout", "create", "--line", "a", "--version", "1", "--waves", "x"});
  EXPECT_EQ(waves.code, kExitUsage);
  EXPECT_NE(waves.err.find("--waves"), std::string::npos) << waves.err;
}

TEST(Cli, WithoutAContextSaysHowToMakeOne) {
  const Outcome outcome = RunFleetctl({"rollout", "list"});
  EXPECT_EQ(outcome.code, kExitNotFound);
  EXPECT_NE(outcome.err.find("fleetctl context set"), std::string::npos) << outcome.err;
}

void ExpectExamples(const CLI::App& app, const std::string& path) {
  for (const CLI::App* child : app.get_subcommands({})) {
    const std::string name = path + " " + child->get_name();
    if (child->get_subcommands({}).empty()) {
      EXPECT_NE(child->get_footer().find("fleetctl"), std::string::npos) << name;
    }
    EXPECT_FALSE(child->get_description().empty()) << name;
    ExpectExamples(*child, name);
  }
}

TEST(Cli, EveryCommandHasADescriptionAndAnExample) {
  const flotilla::TempDir dir;
  std::ostringstream out;
  std::istringstream in;
  CLI::App app("", "fleetctl");
  Cli cli(app, {out, out, in, false, false, dir.path() / "contexts.yaml"});
  AddAllCommands(cli);
  ExpectExamples(app, "fleetctl");
}

TEST(Cli, CompletionKnowsTheTreeOfCommands) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome outcome = RunFleetctl({"completion", shell});
    EXPECT_EQ(outcome.code, kExitOk);
    EXPECT_NE(outcome.out.find("fleetctl rollout status"), std::string::npos) << shell;
    EXPECT_NE(outcome.out.find("--wait"), std::string::npos) << shell;
  }
  EXPECT_EQ(RunFleetctl({"completion", "tcsh"}).code, kExitUsage);
}

TEST(ExitCode, FollowsFromTheStatus) {
  EXPECT_EQ(ExitCodeOf(OkStatus()), kExitOk);
  EXPECT_EQ(ExitCodeOf(NotFound("x")), kExitNotFound);
  EXPECT_EQ(ExitCodeOf(PermissionDenied("x")), kExitNotPermitted);
  EXPECT_EQ(ExitCodeOf(AlreadyExists("x")), kExitConflict);
  EXPECT_EQ(ExitCodeOf(FailedPrecondition("x")), kExitConflict);
  EXPECT_EQ(ExitCodeOf(DeadlineExceeded("x")), kExitWaitTimedOut);
  EXPECT_EQ(ExitCodeOf(Unavailable("x")), kExitServerUnavailable);
}

}  // namespace
}  // namespace flotilla::fleetctl
