#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_ROWS_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_ROWS_H_

#include <vector>

#include "flotilla/v1/admin.pb.h"

#include "controller/storage/fleet_store.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// What `change` writes, in an order of tables and keys that is the same for every change: two
// replicas that write the same rows wait for each other and never both ways. Of rows with one key
// only the one that counts in the end is there.
std::vector<SqlBatch> RowsOf(const FleetChange& change);

// Replaces an audit entry, which only a migration does.
SqlBatch AuditReplacement(const std::vector<v1::AuditEntry>& entries);

// Every table that rows are written to, for the check of a schema.
const std::vector<const SqlTable*>& FleetTables();

// Those of them whose rows every report writes, and which wait in a journal where the dialect has
// one. Nothing is ever deleted from them by a FleetChange.
const std::vector<const SqlTable*>& HotTables();
// One of them. The body is the last column.
const SqlTable& ReportsTable();
// seq, size of the rows in bytes, the rows (journal_body.h).
const SqlTable& JournalTable();
// Number, when the newest report that needs them came in, and text of words that bodies of reports
// are packed behind (report_bodies.h), where there is a journal.
const SqlTable& WordsTable();

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_ROWS_H_
