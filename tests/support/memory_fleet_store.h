#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_FLEET_STORE_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_FLEET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// FleetStore in memory; outlives a Fleet as a disk does.
class MemoryFleetStore final : public FleetStore {
 public:
  Status Commit(const FleetChange& change) override;
  StatusOr<FleetSnapshot> Load() override;
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                    std::size_t limit) override;
  StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                        std::uint64_t boot_epoch) override;
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override;
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                  std::size_t limit) override;
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                   std::size_t limit) override;

  // The next commit fails so, and changes nothing.
  void FailNext(Status status) { fail_next_ = std::move(status); }

 private:
  using ReportKey = std::tuple<std::string, std::uint64_t, std::uint64_t>;

  Status fail_next_;
  std::map<std::string, StoredDevice> devices_;
  std::map<ReportKey, StoredReport> reports_;
  std::map<std::string, v1::Rollout> rollouts_;
  std::map<std::pair<std::string, std::string>, v1::RolloutDevice> rollout_devices_;
  std::map<std::string, rollout::LineBaseline> baselines_;
  std::map<std::pair<std::string, std::string>, v1::Release> releases_;
  std::map<std::string, StoredToken> tokens_;
  std::map<std::string, HeldCertificate> certificates_;
  std::map<std::string, Revocation> revocations_;
  std::map<std::string, v1::Operator> operators_;
  std::map<std::string, v1::Policy> policies_;
  std::map<std::uint64_t, v1::AuditEntry> audit_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_FLEET_STORE_H_
