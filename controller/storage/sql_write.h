#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_

#include "controller/storage/fleet_store.h"

namespace soci {
class session;
}  // namespace soci

namespace flotilla::controller {

// Writes every row of `change` into `session`'s open transaction: one prepared statement per table.
// Throws as SOCI does.
void WriteChange(soci::session& session, const FleetChange& change);

// FleetStore::PruneReports, in the transaction of the caller. Throws as SOCI does.
std::size_t DeleteReports(soci::session& session, Time before, std::size_t limit);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_
