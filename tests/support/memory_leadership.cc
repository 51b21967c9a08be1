#include "tests/support/memory_leadership.h"

#include <cstdint>
#include <memory>

#include "flotilla/v1/failure_reason.pb.h"
#include "tests/support/forwarding_fleet_store.h"

namespace flotilla::controller {
namespace {

Status Over() {
  return FailedPrecondition("another one leads by now");
}

// The disk, as one leader sees it.
class TermStore final : public ForwardingFleetStore {
 public:
  TermStore(MemoryLeaderTable& table, std::uint64_t epoch)
      : ForwardingFleetStore(table.disk), table_(table), epoch_(epoch) {}
  ~TermStore() override {
    if (table_.holder == epoch_) {
      table_.holder = 0;
    }
  }
  TermStore(const TermStore&) = delete;
  TermStore& operator=(const TermStore&) = delete;

  Status Commit(const FleetChange& change) override {
    return table_.newest.epoch == epoch_ ? ForwardingFleetStore::Commit(change) : Over();
  }

 private:
  MemoryLeaderTable& table_;
  const std::uint64_t epoch_;
};

}  // namespace

StatusOr<LeaderTerm> MemoryLeadership::Acquire() {
  if (table_.holder != 0) {
    return WithReason(Unavailable("another one leads"), v1::FAILURE_REASON_STORAGE_LOCKED);
  }
  const std::uint64_t epoch = table_.newest.epoch + 1;
  table_.newest = Leader();
  table_.newest.epoch = epoch;
  table_.holder = epoch;
  return LeaderTerm{epoch, std::make_unique<TermStore>(table_, epoch)};
}

Status MemoryLeadership::Publish(const Leader& leader) {
  if (leader.epoch != table_.newest.epoch) {
    return Over();
  }
  table_.newest = leader;
  return OkStatus();
}

StatusOr<Leader> MemoryLeadership::Newest() {
  if (table_.newest.epoch == 0) {
    return NotFound("nobody has led yet");
  }
  return table_.newest;
}

}  // namespace flotilla::controller
