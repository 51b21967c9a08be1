#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_

#include <cstddef>
#include <string>

#include "base/time.h"
#include "controller/storage/sql_dialect.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// "id, body".
std::string ColumnNames(const SqlTable& table);
// What stands behind the rows of an INSERT into `table`; may be empty.
std::string ConflictClause(const SqlTable& table);

// FleetStore::PruneReports, in the transaction of the caller. Throws as SOCI does.
std::size_t DeleteReports(soci::session& session, const SqlDialect& dialect, Time before,
                          std::size_t limit);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_WRITE_H_
