#include "tests/swarm/agents/agent_herd.h"

#include <algorithm>

namespace flotilla::swarm {

AgentHerd::AgentHerd(const HerdOptions& options, Duration now, Random& random) : options_(options) {
  agents_.reserve(options.agents);
  for (std::size_t i = 0; i < options.agents; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(options.agents);
    agents_.push_back(
        {Phase::kWaits, now + options.ramp * share, Backoff(options.restart, random), 0});
  }
}

std::vector<std::size_t> AgentHerd::Due(Duration now) const {
  std::vector<std::size_t> due;
  for (std::size_t i = 0; ending_ == Ending::kNo && i < agents_.size(); ++i) {
    if (agents_[i].phase == Phase::kWaits && agents_[i].since <= now) {
      due.push_back(i);
    }
  }
  return due;
}

void AgentHerd::Started(std::size_t agent, Duration now) {
  Agent& one = agents_[agent];
  one.phase = Phase::kLives;
  one.since = now;
  ++counts_.started;
  if (one.starts++ > 0) {
    ++counts_.restarted;
  }
}

void AgentHerd::Ended(std::size_t agent, int exit_code, Duration now) {
  Agent& one = agents_[agent];
  if (one.phase == Phase::kLives && now - one.since >= options_.lasting) {
    one.backoff.Reset();
  }
  ++(ending_ == Ending::kYes ? counts_.ends : counts_.deaths)[exit_code];
  one.phase = Phase::kWaits;
  one.since = now + one.backoff.Next();
}

std::size_t AgentHerd::live() const {
  return static_cast<std::size_t>(std::count_if(
      agents_.begin(), agents_.end(), [](const Agent& one) { return one.phase == Phase::kLives; }));
}

}  // namespace flotilla::swarm
