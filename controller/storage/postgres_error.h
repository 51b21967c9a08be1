#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ERROR_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ERROR_H_

#include <string>
#include <string_view>

#include "controller/storage/sql_dialect.h"

namespace flotilla::controller {

// What an error of PostgreSQL means, by its SQLSTATE (PostgreSQL manual, appendix A). Blank: the
// server said nothing.
SqlError PostgresError(std::string_view sqlstate, const std::string& text);

// The SQLSTATE with which the server refuses `conninfo`; empty: it takes it, or says nothing.
// libpq's own connect call keeps it to itself. Blocking, at most 15 s.
std::string RefusalOf(const std::string& conninfo);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ERROR_H_
