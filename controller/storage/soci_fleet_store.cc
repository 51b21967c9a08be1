#include "controller/storage/soci_fleet_store.h"

#include <exception>
#include <utility>

#include <soci/soci.h>

#include "controller/storage/sql_read.h"
#include "controller/storage/sql_schema.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {

struct SociFleetStore::Connection {
  std::unique_ptr<SqlDialect> dialect;
  soci::session session;

  // Calls `body`, and turns what SOCI throws into a status: no exception leaves the store.
  template <typename Body>
  auto Guard(Body body) -> decltype(body(session)) {
    try {
      return body(session);
    } catch (const std::exception& error) {
      return dialect->StatusOf(error);
    }
  }
};

SociFleetStore::SociFleetStore(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

SociFleetStore::~SociFleetStore() = default;

StatusOr<std::unique_ptr<SociFleetStore>> SociFleetStore::Open(
    std::unique_ptr<SqlDialect> dialect) {
  auto connection = std::make_unique<Connection>();
  connection->dialect = std::move(dialect);
  FLOTILLA_RETURN_IF_ERROR(connection->Guard([&](soci::session& session) {
    connection->dialect->Connect(session);
    return PrepareSchema(session, *connection->dialect);
  }));
  return std::unique_ptr<SociFleetStore>(new SociFleetStore(std::move(connection)));
}

Status SociFleetStore::Commit(const FleetChange& change) {
  return connection_->Guard([&](soci::session& session) {
    // Rolls back when it is left without commit.
    soci::transaction transaction(session);
    WriteChange(session, change);
    transaction.commit();
    return OkStatus();
  });
}

StatusOr<FleetSnapshot> SociFleetStore::Load() {
  return connection_->Guard([](soci::session& session) { return ReadSnapshot(session); });
}

StatusOr<std::vector<StoredReport>> SociFleetStore::RecentReports(const std::string& device_id,
                                                                  std::size_t limit) {
  return connection_->Guard(
      [&](soci::session& session) { return ReadRecentReports(session, device_id, limit); });
}

StatusOr<std::uint64_t> SociFleetStore::LastReportSeq(const std::string& device_id,
                                                      std::uint64_t boot_epoch) {
  return connection_->Guard([&](soci::session& session) -> StatusOr<std::uint64_t> {
    return ReadLastReportSeq(session, device_id, boot_epoch);
  });
}

StatusOr<std::size_t> SociFleetStore::PruneReports(Time before, std::size_t limit) {
  return connection_->Guard([&](soci::session& session) -> StatusOr<std::size_t> {
    soci::transaction transaction(session);
    const std::size_t removed = DeleteReports(session, before, limit);
    transaction.commit();
    return removed;
  });
}

StatusOr<std::vector<v1::AuditEntry>> SociFleetStore::AuditPage(std::uint64_t before_seq,
                                                                std::size_t limit) {
  return connection_->Guard(
      [&](soci::session& session) { return ReadAuditPage(session, before_seq, limit); });
}

StatusOr<std::vector<v1::AuditEntry>> SociFleetStore::AuditAfter(std::uint64_t after_seq,
                                                                 std::size_t limit) {
  return connection_->Guard(
      [&](soci::session& session) { return ReadAuditAfter(session, after_seq, limit); });
}

}  // namespace flotilla::controller
