#ifndef FLOTILLA_TESTS_SWARM_AGENTS_AGENT_SWARM_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_AGENT_SWARM_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "base/unique_fd.h"
#include "tests/support/child/process.h"
#include "tests/swarm/agents/agent_command.h"
#include "tests/swarm/agents/agent_herd.h"
#include "tests/swarm/agents/agent_memory.h"
#include "tests/swarm/agents/herd_report.h"

namespace flotilla::swarm {

// Real agents as children of this process: none of them outlives the thread that calls Turn, and an
// engine does not outlive its agent. One thread.
class AgentSwarm {
 public:
  // Makes the folders and holds <folder>/agents/lock. NOT_FOUND: no such agent program;
  // UNAVAILABLE: another swarm has the folder; INVALID_ARGUMENT: an agent is not enrolled and there
  // is nothing to enrol it with; else by errno. `clock` and `random` outlive it.
  static StatusOr<AgentSwarm> Create(AgentSetup setup, const HerdOptions& options,
                                     const Clock& clock, Random& random);
  // Kills who is left.
  ~AgentSwarm() = default;
  AgentSwarm(AgentSwarm&&) = default;
  AgentSwarm& operator=(AgentSwarm&&) = delete;
  AgentSwarm(const AgentSwarm&) = delete;
  AgentSwarm& operator=(const AgentSwarm&) = delete;

  // Takes note of who has ended and starts who is due. `tell` is given a line on each agent that
  // ended or could not be started.
  void Turn(const std::function<void(const std::string&)>& tell);
  // SIGTERM to all; nobody is started any more. Turn goes on taking note.
  void AskToEnd();
  // SIGKILL to who is left; how many that were.
  std::size_t KillRest();

  std::size_t live() const { return herd_.live(); }
  std::vector<std::string> Names() const;
  // Without memory, what the controller says and who was killed.
  HerdReport Report() const;
  // Of those that live.
  std::vector<AgentMemory> Memory() const;

 private:
  AgentSwarm(AgentSetup setup, const HerdOptions& options, const Clock& clock, Random& random,
             UniqueFd lock);

  AgentSetup setup_;
  const Clock* clock_;
  UniqueFd lock_;
  Duration started_;
  AgentHerd herd_;
  std::vector<std::unique_ptr<Process>> processes_;  // null: does not run
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_AGENT_SWARM_H_
