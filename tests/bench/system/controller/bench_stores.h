#ifndef FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_
#define FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// A store that gives each report a transaction of its own, with its device's row: what group commit
// is measured against. `store` outlives it.
class OneByOneStore final : public FleetStore {
 public:
  explicit OneByOneStore(FleetStore& store) : store_(store) {}

  Status Commit(const FleetChange& change) override;
  StatusOr<FleetSnapshot> Load() override { return store_.Load(); }
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                    std::size_t limit) override {
    return store_.RecentReports(device_id, limit);
  }
  StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                        std::uint64_t boot_epoch) override {
    return store_.LastReportSeq(device_id, boot_epoch);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                  std::size_t limit) override {
    return store_.AuditPage(before_seq, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                   std::size_t limit) override {
    return store_.AuditAfter(after_seq, limit);
  }
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override {
    return store_.PruneReports(before, limit);
  }
  StatusOr<FoldState> Fold(std::size_t keep_bytes) override { return store_.Fold(keep_bytes); }

 private:
  FleetStore& store_;
};

// A whole state as one change: a store that starts from another one's.
FleetChange ChangeOf(const FleetSnapshot& snapshot);

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_BENCH_SYSTEM_CONTROLLER_BENCH_STORES_H_
