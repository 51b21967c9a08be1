#include "controller/storage/postgres_leadership.h"

#include <memory>

#include <soci/soci.h>

#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sql_values.h"

namespace flotilla::controller {
namespace {

std::unique_ptr<PostgresDialect> DialectFor(const std::string& conninfo, StoreOwnership ownership) {
  PostgresOptions options;
  options.conninfo = conninfo;
  options.ownership = ownership;
  return std::make_unique<PostgresDialect>(std::move(options));
}

Status Over() {
  return FailedPrecondition("another controller leads by now");
}

// Nobody has made the table yet, so nobody ever led.
bool TableIsMissing(soci::session& session) {
  std::string found;
  soci::indicator there = soci::i_null;
  session << "SELECT CAST(to_regclass('leaders') AS TEXT)", soci::into(found, there);
  return there != soci::i_ok;
}

}  // namespace

PostgresLeadership::PostgresLeadership(std::string conninfo)
    : conninfo_(std::move(conninfo)), connection_(DialectFor(conninfo_, StoreOwnership::kShared)) {}

StatusOr<LeaderTerm> PostgresLeadership::Acquire() {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<SociFleetStore> store,
                            SociFleetStore::Open(DialectFor(conninfo_, StoreOwnership::kSole)));
  LeaderTerm term;
  term.epoch = store->epoch();
  term.store = std::move(store);
  return term;
}

Status PostgresLeadership::Publish(const Leader& leader) {
  return connection_.Run([&](soci::session& session) -> Status {
    const SqlNumber epoch = ToSql(leader.epoch);
    SqlNumber revision = 0;
    session << "UPDATE leaders SET name = :name, device = :device, enrolment = :enrolment, "
               "operators = :operators, dashboard = :dashboard, revision = revision + 1 WHERE "
               "epoch = :epoch RETURNING revision",
        soci::into(revision), soci::use(leader.name), soci::use(leader.device),
        soci::use(leader.enrolment), soci::use(leader.operators), soci::use(leader.dashboard),
        soci::use(epoch);
    return session.got_data() ? OkStatus() : Over();
  });
}

StatusOr<Leader> PostgresLeadership::Newest() {
  return connection_.Run([](soci::session& session) -> StatusOr<Leader> {
    if (TableIsMissing(session)) {
      return NotFound("no controller has led yet");
    }
    Leader leader;
    SqlNumber epoch = 0;
    session << "SELECT epoch, name, device, enrolment, operators, dashboard FROM leaders",
        soci::into(epoch), soci::into(leader.name), soci::into(leader.device),
        soci::into(leader.enrolment), soci::into(leader.operators), soci::into(leader.dashboard);
    if (!session.got_data()) {
      return NotFound("no controller has led yet");
    }
    leader.epoch = FromSql(epoch);
    return leader;
  });
}

}  // namespace flotilla::controller
