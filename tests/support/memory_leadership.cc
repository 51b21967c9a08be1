#include "tests/support/memory_leadership.h"

#include <memory>
#include <string>
#include <vector>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::controller {
namespace {

Status Over() {
  return FailedPrecondition("another one leads by now");
}

// The disk, as one leader sees it.
class TermStore final : public FleetStore {
 public:
  TermStore(MemoryLeaderTable& table, std::uint64_t epoch) : table_(table), epoch_(epoch) {}
  ~TermStore() override {
    if (table_.holder == epoch_) {
      table_.holder = 0;
    }
  }
  TermStore(const TermStore&) = delete;
  TermStore& operator=(const TermStore&) = delete;

  Status Commit(const FleetChange& change) override {
    return table_.newest.epoch == epoch_ ? table_.disk.Commit(change) : Over();
  }
  StatusOr<FleetSnapshot> Load() override { return table_.disk.Load(); }
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                    std::size_t limit) override {
    return table_.disk.RecentReports(device_id, limit);
  }
  StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                        std::uint64_t boot_epoch) override {
    return table_.disk.LastReportSeq(device_id, boot_epoch);
  }
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override {
    return table_.disk.PruneReports(before, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                  std::size_t limit) override {
    return table_.disk.AuditPage(before_seq, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                   std::size_t limit) override {
    return table_.disk.AuditAfter(after_seq, limit);
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
