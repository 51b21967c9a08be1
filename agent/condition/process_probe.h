#ifndef FLOTILLA_AGENT_CONDITION_PROCESS_PROBE_H_
#define FLOTILLA_AGENT_CONDITION_PROCESS_PROBE_H_

#include <cstdint>
#include <optional>

namespace flotilla::agent {

// Port: what the kernel says of the agent's engines. Thread-safe; a small file read each. Real:
// OsProcessProbe. Fake: FakeProcessProbe (tests/support).
class ProcessProbe {
 public:
  virtual ~ProcessProbe() = default;
  // Memory of a process that is in RAM now, its mapped model file included. nullopt: there is no
  // such process, or it is not ours.
  virtual std::optional<std::uint64_t> ResidentBytes(int pid) const = 0;
  // How many processes were killed for want of memory so far: of the agent's control group where it
  // has a memory controller, else of the machine. It rises before the victim ends. nullopt: the
  // kernel does not say.
  virtual std::optional<std::uint64_t> OutOfMemoryKills() const = 0;

 protected:
  ProcessProbe() = default;
  ProcessProbe(const ProcessProbe&) = default;
  ProcessProbe& operator=(const ProcessProbe&) = default;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_CONDITION_PROCESS_PROBE_H_
