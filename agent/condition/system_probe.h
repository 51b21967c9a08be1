#ifndef FLOTILLA_AGENT_CONDITION_SYSTEM_PROBE_H_
#define FLOTILLA_AGENT_CONDITION_SYSTEM_PROBE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace flotilla::agent {

struct DiskState {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;
  bool read_only = false;
};

// Port: the machine as the operating system describes it. Thread-safe; a few small file reads. What
// cannot be read is 0 or empty. Real: OsSystemProbe. Fake: FakeSystemProbe (tests/support).
class SystemProbe {
 public:
  virtual ~SystemProbe() = default;
  // "x86_64", "aarch64".
  virtual std::string Arch() const = 0;
  virtual std::uint32_t Cores() const = 0;
  virtual std::uint64_t MemoryBytes() const = 0;
  // What programs can get without swapping.
  virtual std::uint64_t MemoryAvailableBytes() const = 0;
  // Of what engines may need: "avx2", "avx512f", "f16c", "fma", "neon", "dotprod", "i8mm".
  virtual std::vector<std::string> CpuFeatures() const = 0;
  // Of the file system that holds the agent's state.
  virtual DiskState Disk() const = 0;

 protected:
  SystemProbe() = default;
  SystemProbe(const SystemProbe&) = default;
  SystemProbe& operator=(const SystemProbe&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_SYSTEM_PROBE_H_
