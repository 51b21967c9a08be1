#ifndef FLOTILLA_CONTROLLER_HEALTH_SQLITE_HEALTH_STORE_H_
#define FLOTILLA_CONTROLLER_HEALTH_SQLITE_HEALTH_STORE_H_

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "controller/health/health_store.h"
#include "telemetry/store/sqlite_database.h"

namespace flotilla::controller {

// HealthStore in one SQLite file of its own, health.db. What is forgotten is overwritten. Errors as
// of telemetry::SqliteDatabase. Thread-safe.
class SqliteHealthStore final : public HealthStore {
 public:
  static StatusOr<std::unique_ptr<SqliteHealthStore>> Open(const std::filesystem::path& file);

  StatusOr<HealthSnapshot> Load() override;
  Status PutTask(const StoredHealthTask& task) override;
  StatusOr<Taking> PutReport(const PendingReport& report) override;
  StatusOr<std::vector<PendingReport>> OldestReports(const HealthWindowKey& window,
                                                     std::size_t limit) override;
  Status Settle(const HealthWindowKey& window, std::span<const dap::ReportId> reports) override;
  Status CloseWindow(const ClosedHealthWindow& closed) override;

 private:
  explicit SqliteHealthStore(std::unique_ptr<telemetry::SqliteDatabase> database)
      : database_(std::move(database)) {}
  Status LoadTasks(HealthSnapshot& snapshot);
  Status LoadClosed(HealthSnapshot& snapshot);
  Status LoadPending(HealthSnapshot& snapshot);

  std::mutex mutex_;  // guards *database_
  const std::unique_ptr<telemetry::SqliteDatabase> database_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_SQLITE_HEALTH_STORE_H_
