#ifndef FLOTILLA_CONTROLLER_STORAGE_SOCI_FLEET_STORE_H_
#define FLOTILLA_CONTROLLER_STORAGE_SOCI_FLEET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "controller/storage/fleet_store.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// FleetStore over one database connection. One thread at a time.
class SociFleetStore final : public FleetStore {
 public:
  // Connects and makes the tables when the database is empty. FAILED_PRECONDITION: tables of
  // another version, or the file cannot be opened; else FleetStore's codes.
  static StatusOr<std::unique_ptr<SociFleetStore>> Open(std::unique_ptr<SqlDialect> dialect);
  ~SociFleetStore() override;
  SociFleetStore(const SociFleetStore&) = delete;
  SociFleetStore& operator=(const SociFleetStore&) = delete;

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

 private:
  struct Connection;
  explicit SociFleetStore(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SOCI_FLEET_STORE_H_
