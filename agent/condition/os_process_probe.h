#ifndef FLOTILLA_AGENT_CONDITION_OS_PROCESS_PROBE_H_
#define FLOTILLA_AGENT_CONDITION_OS_PROCESS_PROBE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "agent/condition/process_probe.h"

namespace flotilla::agent {

// ProcessProbe over Linux: VmRSS of /proc/<pid>/status; oom_kill of the own control group's
// memory.events (version 2), else of /proc/vmstat.
class OsProcessProbe final : public ProcessProbe {
 public:
  // "/proc" and "/sys/fs/cgroup" but in tests.
  OsProcessProbe(std::filesystem::path proc, std::filesystem::path cgroup);

  std::optional<std::uint64_t> ResidentBytes(int pid) const override;
  std::optional<std::uint64_t> OutOfMemoryKills() const override;

 private:
  const std::filesystem::path proc_;
  const std::filesystem::path cgroup_;
};

// The number behind `name` in lines of "name number"; nullopt when it is not there.
std::optional<std::uint64_t> NumberOf(const std::string& lines, const std::string& name);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_OS_PROCESS_PROBE_H_
