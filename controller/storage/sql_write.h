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

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_
