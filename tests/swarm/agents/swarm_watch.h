#ifndef FLOTILLA_TESTS_SWARM_AGENTS_SWARM_WATCH_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_SWARM_WATCH_H_

#include <cstddef>

#include "base/clock.h"
#include "tests/swarm/agents/agent_swarm.h"
#include "tests/swarm/agents/herd_report.h"
#include "tests/swarm/fleet/operator_access.h"

namespace flotilla::swarm {

struct WatchOptions {
  OperatorAccess operator_access;          // without an address nobody is asked
  Duration duration;                       // zero: until a signal
  Duration end_limit = absl::Seconds(30);  // from SIGTERM to SIGKILL
};

// Leads a swarm by AwaitedSignals, which are blocked; progress on stderr. Blocking; one thread.
class SwarmWatch {
 public:
  // Everything referred to outlives it.
  SwarmWatch(AgentSwarm& swarm, const WatchOptions& options, const Clock& clock)
      : swarm_(swarm), options_(options), clock_(clock) {}

  // Keeps the agents going until SIGTERM, SIGINT or the end of the duration. SIGUSR1 and SIGUSR2
  // print a report.
  void UntilEnd();
  // Ends the agents; another SIGTERM or SIGINT does so at once. What was when it was called, and
  // how they ended.
  HerdReport End();

 private:
  HerdReport Report() const;
  void TellProgress();

  AgentSwarm& swarm_;
  const WatchOptions& options_;
  const Clock& clock_;
  Duration next_told_;
  std::size_t up_ = 0;  // when progress was told last
};

// On stdout, in one line.
void PrintReport(const HerdReport& report);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_SWARM_WATCH_H_
