#include "controller/storage/open_fleet_store.h"

#include <utility>

#include "controller/storage/postgres_address.h"
#include "controller/storage/postgres_dialect.h"
#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sqlite_dialect.h"

namespace flotilla::controller {

Status CheckStoreAddress(const std::string& store) {
  return store.empty() ? OkStatus() : PostgresConninfo(store).status();
}

StatusOr<std::unique_ptr<FleetStore>> OpenFleetStore(const std::string& store,
                                                     const std::filesystem::path& file) {
  std::unique_ptr<SqlDialect> dialect;
  if (store.empty()) {
    dialect = std::make_unique<SqliteDialect>(file);
  } else {
    PostgresOptions options;
    FLOTILLA_ASSIGN_OR_RETURN(options.conninfo, PostgresConninfo(store));
    dialect = std::make_unique<PostgresDialect>(std::move(options));
  }
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<FleetStore> opened,
                            SociFleetStore::Open(std::move(dialect)));
  return opened;
}

}  // namespace flotilla::controller
