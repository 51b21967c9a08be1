// `flotilla-swarm agents`: the load generator with real agents.
#ifndef FLOTILLA_TESTS_SWARM_AGENTS_AGENTS_MODE_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_AGENTS_MODE_H_

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "tests/swarm/agents/agent_command.h"
#include "tests/swarm/agents/agent_herd.h"
#include "tests/swarm/agents/swarm_watch.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;
}  // namespace CLI

namespace flotilla::swarm {

struct AgentsFlags {
  AgentSetup setup;
  HerdOptions herd;
  WatchOptions watch;
  std::string token;  // text, or @FILE
  std::string operator_dir;
  double ramp_s = 10;
  double duration_s = 0;
  double end_limit_s = 30;
};

// Adds the subcommand `agents` to `cli`; parsing it fills `flags`, which must live until then.
// `programs`: the folder where flotilla-agent is looked for.
CLI::App* AddAgentsMode(CLI::App& cli, const std::filesystem::path& programs, AgentsFlags& flags);

// Runs until SIGTERM, SIGINT or the end of its duration, and ends all agents; progress on stderr,
// the report on stdout. Blocking. The process's exit code: 0; 3 when the report is not clean.
// Errors as of AgentSwarm::Create; INVALID_ARGUMENT or by errno: the token.
StatusOr<int> RunAgents(AgentsFlags flags, const Clock& clock, Random& random);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_AGENTS_MODE_H_
