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

// FleetStore over one database connection, which it opens again when it breaks. One thread at a
// time. A transaction that others were in the way of is tried again four times; a COMMIT without
// an answer is looked up on the next connection, by a mark that only it left (commit_mark.h).
// Where the dialect has a journal, rows of reports are put aside in it (sql_journal.h); Load,
// RecentReports, LastReportSeq and PruneReports fold it first, and give its errors.
// Commit also answers FAILED_PRECONDITION: another process took the database over, and what this
// one has in memory is old.
class SociFleetStore final : public FleetStore {
 public:
  // Connects and makes the tables when the database is empty. FAILED_PRECONDITION: tables of a
  // newer version, or the file or database cannot be opened; UNAUTHENTICATED: it is refused;
  // PERMISSION_DENIED; UNAVAILABLE (STORAGE_LOCKED): another process is the sole owner; else
  // FleetStore's codes. The typed reason (STORAGE_...) says which.
  static StatusOr<std::unique_ptr<SociFleetStore>> Open(std::unique_ptr<SqlDialect> dialect);
  ~SociFleetStore() override;
  SociFleetStore(const SociFleetStore&) = delete;
  SociFleetStore& operator=(const SociFleetStore&) = delete;

  // Of a sole owner of a database that several programs reach: higher than that of all owners
  // before, and with every Open; else 0.
  std::uint64_t epoch() const;

  Status Commit(const FleetChange& change) override;
  StatusOr<FleetSnapshot> Load() override;
  StatusOr<std::vector<StoredReport>> RecentReports(const std::string& device_id,
                                                    std::size_t limit) override;
  StatusOr<std::uint64_t> LastReportSeq(const std::string& device_id,
                                        std::uint64_t boot_epoch) override;
  StatusOr<std::size_t> PruneReports(Time before, std::size_t limit) override;
  StatusOr<FoldState> Fold(std::size_t keep_bytes) override;
  StatusOr<std::vector<v1::AuditEntry>> AuditPage(std::uint64_t before_seq,
                                                  std::size_t limit) override;
  StatusOr<std::vector<v1::AuditEntry>> AuditAfter(std::uint64_t after_seq,
                                                   std::size_t limit) override;

 private:
  struct Impl;
  explicit SociFleetStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SOCI_FLEET_STORE_H_
