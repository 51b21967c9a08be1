#ifndef FLOTILLA_TESTS_SUPPORT_FAKE_PROCESS_PROBE_H_
#define FLOTILLA_TESTS_SUPPORT_FAKE_PROCESS_PROBE_H_

#include <cstdint>
#include <map>
#include <optional>

#include "agent/condition/process_probe.h"

namespace flotilla::agent {

// ProcessProbe that says what the test wrote.
class FakeProcessProbe final : public ProcessProbe {
 public:
  std::optional<std::uint64_t> ResidentBytes(int pid) const override {
    const auto found = resident.find(pid);
    return found == resident.end() ? std::nullopt : std::optional<std::uint64_t>(found->second);
  }
  std::optional<std::uint64_t> OutOfMemoryKills() const override { return kills; }

  std::map<int, std::uint64_t> resident;
  std::optional<std::uint64_t> kills;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_TESTS_SUPPORT_FAKE_PROCESS_PROBE_H_
