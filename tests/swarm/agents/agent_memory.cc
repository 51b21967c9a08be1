#include "tests/swarm/agents/agent_memory.h"

#include <sstream>

#include "absl/strings/str_cat.h"

#include "tests/support/child/process.h"

namespace flotilla::swarm {

std::optional<AgentMemory> ParseSmapsRollup(const std::string& text) {
  std::optional<std::uint64_t> resident;
  std::optional<std::uint64_t> dirty;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t kb = 0;
    if (!(words >> name >> kb)) {
      continue;
    }
    if (name == "Rss:") {
      resident = kb;
    } else if (name == "Private_Dirty:") {
      dirty = kb;
    }
  }
  if (!resident.has_value() || !dirty.has_value()) {
    return std::nullopt;
  }
  return AgentMemory{*resident, *dirty};
}

std::optional<AgentMemory> MemoryOf(pid_t pid) {
  return ParseSmapsRollup(FileText(absl::StrCat("/proc/", pid, "/smaps_rollup")));
}

}  // namespace flotilla::swarm
