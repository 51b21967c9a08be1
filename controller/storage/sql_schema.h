#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// Version of the tables that this program reads and writes.
inline constexpr int kSchemaVersion = 3;

// Makes the tables in an empty database and brings those of an older version up to date, each step
// in one transaction. FAILED_PRECONDITION when they are of a newer version. Throws as SOCI does.
Status PrepareSchema(soci::session& session, const SqlDialect& dialect);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_
