#ifndef FLOTILLA_TESTS_CONTRACT_POSTGRES_STORE_SUBJECT_H_
#define FLOTILLA_TESTS_CONTRACT_POSTGRES_STORE_SUBJECT_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sql_dialect.h"
#include "tests/contract/fleet_store_contract.h"
#include "tests/support/postgres_cluster.h"

namespace flotilla::controller {

// Opens a store by an address as a controller's configuration has it.
StatusOr<std::unique_ptr<SociFleetStore>> OpenPostgres(
    const std::string& address, StoreOwnership ownership = StoreOwnership::kShared);

// A store in an emptied database, one of them at a time. The cluster outlives it.
class PostgresSubject final : public StoreSubject {
 public:
  explicit PostgresSubject(PostgresCluster& cluster);
  FleetStore& store() override { return *store_; }
  void Reopen() override;

  PostgresCluster& cluster() { return cluster_; }
  const std::string& database() const { return database_; }
  // Runs statements as superuser in this database; their first value.
  std::string Run(const std::string& sql) const { return cluster_.Run(database_, sql); }
  // Opens it by another address of the same database.
  void OpenAt(const std::string& address);

 private:
  PostgresCluster& cluster_;
  const std::string database_;
  std::unique_ptr<SociFleetStore> store_;
};

// A subject on the program's cluster; null: no PostgreSQL here.
std::unique_ptr<PostgresSubject> MakePostgresSubject();

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_CONTRACT_POSTGRES_STORE_SUBJECT_H_
