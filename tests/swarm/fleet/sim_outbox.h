#ifndef FLOTILLA_TESTS_SWARM_FLEET_SIM_OUTBOX_H_
#define FLOTILLA_TESTS_SWARM_FLEET_SIM_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "flotilla/v1/update.pb.h"

namespace flotilla::swarm {

// The reports of one simulated device: those not yet acknowledged, and the state of every one that
// was ever made, which is what the controller has to know in the end. One thread.
class SimOutbox {
 public:
  explicit SimOutbox(std::uint64_t boot_epoch) : boot_epoch_(boot_epoch) {}

  // Gives it the boot epoch and the next number.
  void Append(v1::UpdateReport report);
  // Forgets what is acknowledged.
  void AckUpTo(std::uint64_t seq);
  // At most `limit` unacknowledged reports past `seq`, oldest first; valid until the next change.
  std::vector<const v1::UpdateReport*> After(std::uint64_t seq, std::size_t limit) const;

  std::uint64_t boot_epoch() const { return boot_epoch_; }
  // Of the unacknowledged; 0 when there are none.
  std::uint64_t first_seq() const { return waiting_.empty() ? 0 : waiting_.front().seq(); }
  std::uint64_t last_seq() const { return waiting_.empty() ? 0 : waiting_.back().seq(); }
  std::size_t waiting() const { return waiting_.size(); }
  // The state of report n at [n - 1].
  const std::vector<v1::DeploymentState>& made() const { return made_; }

 private:
  std::uint64_t boot_epoch_;
  std::deque<v1::UpdateReport> waiting_;
  std::vector<v1::DeploymentState> made_;
};

}  // namespace flotilla::swarm

#endif  // FLOTILLA_TESTS_SWARM_FLEET_SIM_OUTBOX_H_
