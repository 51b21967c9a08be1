#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_READ_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_READ_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "controller/storage/fleet_store.h"
#include "controller/storage/report_bodies.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// The reading half of FleetStore, with its errors; throws as SOCI does.
StatusOr<FleetSnapshot> ReadSnapshot(soci::session& session, const SqlDialect& dialect);
StatusOr<std::vector<StoredReport>> ReadRecentReports(soci::session& session,
                                                      const SqlDialect& dialect,
                                                      ReportBodies& bodies,
                                                      const std::string& device_id,
                                                      std::size_t limit);
std::uint64_t ReadLastReportSeq(soci::session& session, const std::string& device_id,
                                std::uint64_t boot_epoch);
StatusOr<std::vector<v1::AuditEntry>> ReadAuditPage(soci::session& session,
                                                    const SqlDialect& dialect,
                                                    std::uint64_t before_seq, std::size_t limit);
StatusOr<std::vector<v1::AuditEntry>> ReadAuditAfter(soci::session& session,
                                                     const SqlDialect& dialect,
                                                     std::uint64_t after_seq, std::size_t limit);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_READ_H_
