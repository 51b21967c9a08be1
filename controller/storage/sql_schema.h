#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// Version of the tables that this program reads and writes.
inline constexpr int kSchemaVersion = 7;

// Makes the tables in an empty database and brings those of an older version up to date, each step
// in one transaction that no other program's step runs beside; then looks whether every column that
// is written is there. Steps only add: a program of the version before goes on beside them.
// Errors: FAILED_PRECONDITION (STORAGE_SCHEMA): the tables are of a newer version; DATA_LOSS
// (STORAGE_SCHEMA): they are not what their version says. Throws as SOCI does.
Status PrepareSchema(soci::session& session, const SqlDialect& dialect);

// Only looks whether the tables are those of kSchemaVersion. Errors: FAILED_PRECONDITION
// (STORAGE_SCHEMA): they are of another version, or there are none; else as PrepareSchema.
Status CheckSchema(soci::session& session, const SqlDialect& dialect);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_SCHEMA_H_
