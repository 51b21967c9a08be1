#include "controller/storage/soci_fleet_store.h"

#include <optional>
#include <utility>

#include <soci/soci.h>

#include "controller/storage/commit_mark.h"
#include "controller/storage/report_bodies.h"
#include "controller/storage/sql_connection.h"
#include "controller/storage/sql_journal.h"
#include "controller/storage/sql_read.h"
#include "controller/storage/sql_rows.h"
#include "controller/storage/sql_schema.h"
#include "controller/storage/sql_write.h"

namespace flotilla::controller {

struct SociFleetStore::Impl {
  explicit Impl(std::unique_ptr<SqlDialect> dialect)
      : connection(std::move(dialect)),
        journal(connection.dialect()),
        bodies(connection.dialect()),
        marks(connection.dialect().words().commit_answer == CommitAnswer::kMayBeLost) {}

  SqlError TryCommit(const std::vector<SqlBatch>& batches);
  // Calls body(session) when every row is in its table.
  template <typename Body>
  auto RunFolded(Body body) -> decltype(body(std::declval<soci::session&>())) {
    return connection.Run(
        [&](soci::session& session) -> decltype(body(std::declval<soci::session&>())) {
          FLOTILLA_RETURN_IF_ERROR(journal.FoldAll(session));
          return body(session);
        });
  }

  SqlConnection connection;
  SqlJournal journal;
  ReportBodies bodies;
  const bool marks;
  CommitMark mark;
  // What the COMMIT carried that was not answered: the mark knows whether it took place.
  std::optional<std::vector<SqlBatch>> in_doubt;
};

SociFleetStore::SociFleetStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SociFleetStore::~SociFleetStore() = default;

StatusOr<std::unique_ptr<SociFleetStore>> SociFleetStore::Open(
    std::unique_ptr<SqlDialect> dialect) {
  auto impl = std::make_unique<Impl>(std::move(dialect));
  const Status prepared = impl->connection.Run([&](soci::session& session) -> Status {
    FLOTILLA_RETURN_IF_ERROR(PrepareSchema(session, impl->connection.dialect()));
    if (impl->marks) {
      impl->mark.Make(session, impl->connection.dialect());
    }
    return OkStatus();
  });
  FLOTILLA_RETURN_IF_ERROR(prepared);
  return std::unique_ptr<SociFleetStore>(new SociFleetStore(std::move(impl)));
}

std::uint64_t SociFleetStore::epoch() const {
  return impl_->mark.epoch();
}

SqlError SociFleetStore::Impl::TryCommit(const std::vector<SqlBatch>& batches) {
  bool sent = false;
  SqlError error = connection.Try([&](soci::session& session) -> Status {
    if (in_doubt.has_value()) {
      const bool there = mark.Happened(session) && *in_doubt == batches;
      in_doubt.reset();
      if (there) {
        return OkStatus();
      }
    }
    // Rolls back when it is left without commit.
    soci::transaction transaction(session);
    FLOTILLA_RETURN_IF_ERROR(journal.Write(session, batches));
    if (marks) {
      FLOTILLA_RETURN_IF_ERROR(mark.Advance(session));
    }
    sent = true;
    transaction.commit();
    return OkStatus();
  });
  if (!error.status.ok()) {
    journal.Forget();
  }
  if (marks && sent && error.fault == SqlFault::kConnectionLost) {
    in_doubt = batches;
  }
  return error;
}

Status SociFleetStore::Commit(const FleetChange& change) {
  const std::vector<SqlBatch> batches = RowsOf(change);
  SqlTries tries;
  while (true) {
    SqlError error = impl_->TryCommit(batches);
    if (error.status.ok() || !tries.Again(error.fault)) {
      return std::move(error.status);
    }
  }
}

StatusOr<FleetSnapshot> SociFleetStore::Load() {
  return impl_->RunFolded([this](soci::session& session) {
    return ReadSnapshot(session, impl_->connection.dialect());
  });
}

StatusOr<std::vector<StoredReport>> SociFleetStore::RecentReports(const std::string& device_id,
                                                                  std::size_t limit) {
  return impl_->RunFolded([&](soci::session& session) {
    return ReadRecentReports(session, impl_->connection.dialect(), impl_->bodies, device_id, limit);
  });
}

StatusOr<std::uint64_t> SociFleetStore::LastReportSeq(const std::string& device_id,
                                                      std::uint64_t boot_epoch) {
  return impl_->RunFolded([&](soci::session& session) -> StatusOr<std::uint64_t> {
    return ReadLastReportSeq(session, device_id, boot_epoch);
  });
}

StatusOr<std::size_t> SociFleetStore::PruneReports(Time before, std::size_t limit) {
  return impl_->RunFolded([&](soci::session& session) -> StatusOr<std::size_t> {
    soci::transaction transaction(session);
    const std::size_t removed = DeleteReports(session, impl_->connection.dialect(), before, limit);
    if (removed < limit && impl_->journal.InUse()) {
      FLOTILLA_RETURN_IF_ERROR(impl_->bodies.Expire(session, before, limit));
    }
    transaction.commit();
    return removed;
  });
}

StatusOr<FoldState> SociFleetStore::Fold(std::size_t keep_bytes) {
  if (!impl_->journal.InUse()) {
    return FoldState{};  // also of a database that is away
  }
  return impl_->connection.Run(
      [&](soci::session& session) { return impl_->journal.Fold(session, keep_bytes); });
}

StatusOr<std::vector<v1::AuditEntry>> SociFleetStore::AuditPage(std::uint64_t before_seq,
                                                                std::size_t limit) {
  return impl_->connection.Run([&](soci::session& session) {
    return ReadAuditPage(session, impl_->connection.dialect(), before_seq, limit);
  });
}

StatusOr<std::vector<v1::AuditEntry>> SociFleetStore::AuditAfter(std::uint64_t after_seq,
                                                                 std::size_t limit) {
  return impl_->connection.Run([&](soci::session& session) {
    return ReadAuditAfter(session, impl_->connection.dialect(), after_seq, limit);
  });
}

}  // namespace flotilla::controller
