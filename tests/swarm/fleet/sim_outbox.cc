#include "tests/swarm/fleet/sim_outbox.h"

#include <utility>

namespace flotilla::swarm {

void SimOutbox::Append(v1::UpdateReport report) {
  made_.push_back(report.state());
  report.set_boot_epoch(boot_epoch_);
  report.set_seq(made_.size());
  waiting_.push_back(std::move(report));
}

void SimOutbox::AckUpTo(std::uint64_t seq) {
  while (!waiting_.empty() && waiting_.front().seq() <= seq) {
    waiting_.pop_front();
  }
  if (waiting_.empty()) {
    waiting_.shrink_to_fit();  // a deque of ten thousand devices each holds half a kilobyte
  }
}

std::vector<const v1::UpdateReport*> SimOutbox::After(std::uint64_t seq, std::size_t limit) const {
  std::vector<const v1::UpdateReport*> found;
  for (const v1::UpdateReport& report : waiting_) {
    if (report.seq() > seq && found.size() < limit) {
      found.push_back(&report);
    }
  }
  return found;
}

}  // namespace flotilla::swarm
