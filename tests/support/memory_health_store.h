#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_HEALTH_STORE_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_HEALTH_STORE_H_

#include <map>
#include <mutex>
#include <vector>

#include "controller/health/health_store.h"

namespace flotilla::controller {

class MemoryHealthStore final : public HealthStore {
 public:
  StatusOr<HealthSnapshot> Load() override;
  Status PutTask(const StoredHealthTask& task) override;
  StatusOr<Taking> PutReport(const PendingReport& report) override;
  StatusOr<std::vector<PendingReport>> OldestReports(const HealthWindowKey& window,
                                                     std::size_t limit) override;
  Status Settle(const HealthWindowKey& window, std::span<const dap::ReportId> reports) override;
  Status CloseWindow(const ClosedHealthWindow& closed) override;

 private:
  std::mutex mutex_;
  std::vector<StoredHealthTask> tasks_;
  std::map<HealthWindowKey, std::vector<PendingReport>> pending_;
  std::map<HealthWindowKey, ClosedHealthWindow> closed_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_HEALTH_STORE_H_
