#ifndef FLOTILLA_TESTS_SUPPORT_FORWARDING_FLEET_STORE_H_
#define FLOTILLA_TESTS_SUPPORT_FORWARDING_FLEET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Hands every call on to another store: for stores of tests that do one thing otherwise.
class ForwardingFleetStore : public FleetStore {
 public:
  // `inner` outlives it.
  explicit ForwardingFleetStore(FleetStore& inner) : inner_(inner) {}

  Status Commit(const FleetChange& change) override { return inner_.Commit(change); }
  StatusOr<FleetSnapshot> Load() override { return inner_.Load(); }
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                    std::size_t limit) override {
    return inner_.RecentReports(device_id, limit);
  }
  StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                        std::uint64_t boot_epoch) override {
    return inner_.LastReportSeq(device_id, boot_epoch);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                  std::size_t limit) override {
    return inner_.AuditPage(before_seq, limit);
  }
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                   std::size_t limit) override {
    return inner_.AuditAfter(after_seq, limit);
  }
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override {
    return inner_.PruneReports(before, limit);
  }
  StatusOr<FoldState> Fold(std::size_t keep_bytes) override { return inner_.Fold(keep_bytes); }

 private:
  FleetStore& inner_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_FORWARDING_FLEET_STORE_H_
