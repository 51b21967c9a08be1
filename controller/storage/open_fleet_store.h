#ifndef FLOTILLA_CONTROLLER_STORAGE_OPEN_FLEET_STORE_H_
#define FLOTILLA_CONTROLLER_STORAGE_OPEN_FLEET_STORE_H_

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Whether OpenFleetStore understands `store`. INVALID_ARGUMENT says why not.
Status CheckStoreAddress(const std::string& store);

// The fleet's store: `store` is a PostgreSQL database ("postgresql://..." or libpq's keywords);
// empty: SQLite in `file`. Errors: SociFleetStore::Open's and CheckStoreAddress's.
StatusOr<std::unique_ptr<FleetStore>> OpenFleetStore(const std::string& store,
                                                     const std::filesystem::path& file);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_OPEN_FLEET_STORE_H_
