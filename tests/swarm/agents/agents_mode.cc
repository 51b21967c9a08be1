#include "tests/swarm/agents/agents_mode.h"

#include <CLI/CLI.hpp>

#include "base/bytes.h"
#include "base/os_durable_fs.h"
#include "tests/swarm/agents/agent_swarm.h"
#include "tests/swarm/agents/herd_report.h"

namespace flotilla::swarm {
namespace {

// A token that stands on the command line is kept in a file of the state folder, as agents read it.
StatusOr<std::filesystem::path> TokenFile(const AgentsFlags& flags) {
  if (flags.token.empty()) {
    return std::filesystem::path();
  }
  if (flags.token.front() == '@') {
    return std::filesystem::path(flags.token.substr(1));
  }
  OsDurableFs fs;
  FLOTILLA_RETURN_IF_ERROR(DurableMakeDirs(fs, flags.setup.folder));
  std::filesystem::path file = flags.setup.folder / "token";
  FLOTILLA_RETURN_IF_ERROR(DurableWrite(fs, file, AsBytes(flags.token)));
  return file;
}

}  // namespace

CLI::App* AddAgentsMode(CLI::App& cli, const std::filesystem::path& programs, AgentsFlags& flags) {
  AgentSetup& setup = flags.setup;
  setup.agent = programs / "flotilla-agent";
  CLI::App* mode = cli.add_subcommand(
      "agents",
      "real agents instead: a flotilla-agent each, started again with backoff when it dies. "
      "SIGUSR2 prints the report of the moment, SIGTERM ends all and prints the last. Exit code 3: "
      "one did not live, was not ONLINE or had to be killed");
  mode->add_option("--count", flags.herd.agents, "how many")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  mode->add_option("--agent", setup.agent, "flotilla-agent; without it: the one beside this");
  mode->add_option("--engine", setup.engine, "flotilla-engine; without it: the one beside --agent");
  mode->add_option("--controller", setup.controller, "host:port of the device listener")
      ->required();
  mode->add_option("--enrolment", setup.enrolment, "host:port of the enrolment listener")
      ->required();
  mode->add_option("--token", flags.token,
                   "enrolment token, or @FILE; shown to agents that are not enrolled");
  mode->add_option("--trust-root", setup.trust_root, "TUF root that devices are shipped with")
      ->required();
  mode->add_option("--state", setup.folder,
                   "DIR/agents/NAME keeps the state and the log of an agent from run to run")
      ->required();
  mode->add_option("--prefix", setup.prefix, "of the devices' names")->capture_default_str();
  mode->add_option("--ramp", flags.ramp_s, "seconds over which the first starts are spread")
      ->capture_default_str();
  mode->add_option("--duration", flags.duration_s, "end after so many seconds; 0: at a signal");
  mode->add_option("--end-limit", flags.end_limit_s, "seconds from SIGTERM to SIGKILL")
      ->capture_default_str();
  mode->add_option("--operator", flags.watch.operator_access.address,
                   "host:port of the operator listener: reports who is ONLINE and on what");
  mode->add_option("--operator-dir", flags.operator_dir,
                   "folder with ca.crt, operator.crt and operator.key");
  mode->add_option("words", setup.more,
                   "after --: further words for every agent (flotilla-agent run --help)");
  return mode;
}

StatusOr<int> RunAgents(AgentsFlags flags, const Clock& clock, Random& random) {
  flags.herd.ramp = absl::Seconds(flags.ramp_s);
  flags.watch.operator_access.folder = flags.operator_dir;
  flags.watch.duration = absl::Seconds(flags.duration_s);
  flags.watch.end_limit = absl::Seconds(flags.end_limit_s);
  FLOTILLA_ASSIGN_OR_RETURN(flags.setup.token_file, TokenFile(flags));
  FLOTILLA_ASSIGN_OR_RETURN(AgentSwarm swarm,
                            AgentSwarm::Create(flags.setup, flags.herd, clock, random));
  SwarmWatch watch(swarm, flags.watch, clock);
  watch.UntilEnd();
  const HerdReport report = watch.End();
  PrintReport(report);
  return report.clean() ? 0 : 3;
}

}  // namespace flotilla::swarm
