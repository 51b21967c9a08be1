// Owners of SQLite's objects.
#ifndef FLOTILLA_TELEMETRY_STORE_SQLITE_PTR_H_
#define FLOTILLA_TELEMETRY_STORE_SQLITE_PTR_H_

#include <memory>

#include <sqlite3.h>

namespace flotilla::telemetry {

struct SqliteCloser {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct SqliteFinalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using SqlitePtr = std::unique_ptr<sqlite3, SqliteCloser>;
using SqliteStatementPtr = std::unique_ptr<sqlite3_stmt, SqliteFinalizer>;

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_STORE_SQLITE_PTR_H_
