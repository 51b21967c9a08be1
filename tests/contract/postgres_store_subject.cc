#include "tests/contract/postgres_store_subject.h"

#include <utility>

#include <gtest/gtest.h>

#include "controller/storage/postgres_address.h"
#include "controller/storage/postgres_dialect.h"

namespace flotilla::controller {

StatusOr<std::unique_ptr<SociFleetStore>> OpenPostgres(const std::string& address,
                                                       StoreOwnership ownership) {
  PostgresOptions options;
  FLOTILLA_ASSIGN_OR_RETURN(options.conninfo, PostgresConninfo(address));
  options.ownership = ownership;
  return SociFleetStore::Open(std::make_unique<PostgresDialect>(std::move(options)));
}

PostgresSubject::PostgresSubject(PostgresCluster& cluster)
    : cluster_(cluster), database_(cluster.EmptiedDatabase()) {
  Reopen();
}

void PostgresSubject::Reopen() {
  OpenAt(cluster_.Address(database_));
}

void PostgresSubject::OpenAt(const std::string& address) {
  store_.reset();
  auto opened = OpenPostgres(address);
  ASSERT_TRUE(opened.ok()) << opened.status();
  store_ = *std::move(opened);
}

std::unique_ptr<PostgresSubject> MakePostgresSubject() {
  PostgresCluster* cluster = PostgresCluster::OfProgram();
  return cluster == nullptr ? nullptr : std::make_unique<PostgresSubject>(*cluster);
}

}  // namespace flotilla::controller
