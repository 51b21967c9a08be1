#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_MIGRATE_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_MIGRATE_H_

#include "base/status.h"
#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// From the tables of schema 1 to those of schema 2: the site's id, operators, and an audit log that
// is a chain of hashes, the entries of before included. In `session`'s open transaction. DATA_LOSS:
// an unreadable entry. Throws as SOCI does.
Status MigrateToAuditChain(soci::session& session, const SqlDialect& dialect);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_MIGRATE_H_
