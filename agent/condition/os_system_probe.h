#ifndef FLOTILLA_AGENT_CONDITION_OS_SYSTEM_PROBE_H_
#define FLOTILLA_AGENT_CONDITION_OS_SYSTEM_PROBE_H_

#include <filesystem>
#include <string>
#include <vector>

#include "agent/condition/system_probe.h"

namespace flotilla::agent {

// SystemProbe over Linux: uname, /proc/meminfo, /proc/cpuinfo, statvfs.
class OsSystemProbe final : public SystemProbe {
 public:
  explicit OsSystemProbe(std::filesystem::path state_dir);

  std::string Arch() const override;
  std::uint32_t Cores() const override;
  std::uint64_t MemoryBytes() const override;
  std::uint64_t MemoryAvailableBytes() const override;
  std::vector<std::string> CpuFeatures() const override;
  DiskState Disk() const override;

 private:
  const std::filesystem::path state_dir_;
};

// The bytes that a line of /proc/meminfo ("MemAvailable:    1234 kB") states; 0 when it is missing.
std::uint64_t MemInfoBytes(const std::string& meminfo, const std::string& name);
// The known features that the first processor of /proc/cpuinfo lists.
std::vector<std::string> KnownCpuFeatures(const std::string& cpuinfo);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_OS_SYSTEM_PROBE_H_
