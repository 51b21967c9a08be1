#ifndef FLOTILLA_TESTS_SWARM_AGENTS_AGENT_HERD_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_AGENT_HERD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/backoff.h"
#include "base/random.h"
#include "base/time.h"

namespace flotilla::swarm {

struct HerdOptions {
  std::size_t agents = 1;
  // First starts are spread evenly over this.
  Duration ramp;
  BackoffOptions restart{absl::Seconds(1), absl::Seconds(60)};
  // Who lived so long waits the first delay again.
  Duration lasting = absl::Seconds(60);
};

struct HerdCounts {
  std::uint64_t started = 0;    // processes
  std::uint64_t restarted = 0;  // of them, in place of one that had died
  // How often agents ended with an exit code (128 + the signal that ended it): by themselves, and
  // when they were told to.
  std::map<int, std::uint64_t> deaths;
  std::map<int, std::uint64_t> ends;
};

// Which agent is to be started when: spread at first, with backoff in place of one that died. Pure:
// times are monotonic and given. One thread.
class AgentHerd {
 public:
  // `random` outlives it.
  AgentHerd(const HerdOptions& options, Duration now, Random& random);

  // Who is to be started now, by number from 0. Each of them is then Started or Ended.
  std::vector<std::size_t> Due(Duration now) const;
  void Started(std::size_t agent, Duration now);
  // Also of one that could not be started.
  void Ended(std::size_t agent, int exit_code, Duration now);
  // From now on nobody is due, and who ends was told to.
  void End() { ending_ = Ending::kYes; }

  std::size_t live() const;
  const HerdCounts& counts() const { return counts_; }

 private:
  enum class Ending { kUnspecified = 0, kNo, kYes };
  enum class Phase { kUnspecified = 0, kWaits, kLives };
  struct Agent {
    Phase phase = Phase::kWaits;
    Duration since;  // kWaits: until then; kLives: from then on
    Backoff backoff;
    std::uint64_t starts = 0;
  };

  HerdOptions options_;
  Ending ending_ = Ending::kNo;
  std::vector<Agent> agents_;
  HerdCounts counts_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_AGENT_HERD_H_
