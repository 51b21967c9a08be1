#ifndef FLOTILLA_TESTS_SWARM_AGENTS_AGENT_MEMORY_H_
#define FLOTILLA_TESTS_SWARM_AGENTS_AGENT_MEMORY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace flotilla::swarm {

// Of one process, without its children, in KiB.
struct AgentMemory {
  std::uint64_t resident_kb = 0;       // shared pages too
  std::uint64_t private_dirty_kb = 0;  // what one process more costs at least
};

// From the text of /proc/<pid>/smaps_rollup (proc(5)); nothing when a figure is not there.
std::optional<AgentMemory> ParseSmapsRollup(const std::string& text);

// Nothing when the process is gone or hides its memory.
std::optional<AgentMemory> MemoryOf(pid_t pid);

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_AGENTS_AGENT_MEMORY_H_
