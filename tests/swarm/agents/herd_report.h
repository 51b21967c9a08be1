#ifndef FLOTILLA_TESTS_SWARM_AGENTS_HERD_REPORT_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_HERD_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "tests/swarm/agents/agent_herd.h"
#include "tests/swarm/agents/agent_memory.h"
#include "tests/swarm/agents/own_devices.h"

namespace flotilla::swarm {

// What a run of real agents was.
struct HerdReport {
  std::size_t agents = 0;
  std::size_t live = 0;      // before they were told to end
  std::size_t enrolled = 0;  // have an identity
  Duration time;             // since the start
  HerdCounts counts;
  std::uint64_t killed = 0;         // had not ended within the limit
  std::vector<AgentMemory> memory;  // of those that lived
  std::optional<OwnDevices> controller;
  std::string controller_error;  // why that could not be had

  // Every agent lived, ended when told to, and was ONLINE where the controller was asked.
  bool clean() const;
};

// One line.
std::string HerdReportJson(const HerdReport& report);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_HERD_REPORT_H_
