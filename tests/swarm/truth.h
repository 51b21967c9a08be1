// What the swarm has really sent: for comparing a collected histogram with.
#ifndef FLOTILLA_TESTS_SWARM_TRUTH_H_
#define FLOTILLA_TESTS_SWARM_TRUTH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/dap/task.h"

namespace flotilla::swarm {

struct WindowTruth {
  std::vector<std::uint64_t> counts;               // honest reports that were taken, by bucket
  std::map<std::string, std::uint64_t> lies;       // reports that break the protocol, by kind
  std::map<std::string, std::uint64_t> not_taken;  // by the answer
  std::size_t open = 0;                            // reports that are still to be sent
};

// Thread-safe.
class Truth {
 public:
  using Key = std::pair<dap::TaskId, dap::WindowStart>;

  void Expect(const Key& window, std::uint32_t buckets, std::size_t reports);
  void NoteHonest(const Key& window, std::uint32_t bucket);
  void NoteLie(const Key& window, const std::string& kind);
  void NoteNotTaken(const Key& window, const std::string& answer);
  // One report is settled. True: it was the last of its window.
  bool Settle(const Key& window);
  // One line of JSON: task, window (seconds since 1970), counts, lies, not_taken.
  std::string Line(const dap::Task& task, dap::WindowStart window) const;

 private:
  mutable std::mutex mutex_;
  std::map<Key, WindowTruth> windows_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_TRUTH_H_
