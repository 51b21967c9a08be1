#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_PAGES_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_PAGES_H_

#include <cstddef>
#include <vector>

#include "base/status.h"
#include "controller/storage/sql_dialect.h"
#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// The next rows of `table` behind the key of `after` (empty: from the first one), by key, at most
// `limit`, all columns as they are stored. DATA_LOSS: a row that cannot be read. Throws as SOCI
// does.
StatusOr<std::vector<SqlRow>> ReadRowsAfter(soci::session& session, const SqlDialect& dialect,
                                            const SqlTable& table, const SqlRow& after,
                                            std::size_t limit);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_PAGES_H_
