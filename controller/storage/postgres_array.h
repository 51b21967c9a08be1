#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ARRAY_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ARRAY_H_

#include <cstddef>
#include <span>
#include <string>

#include "controller/storage/sql_table.h"

namespace flotilla::controller {

// "text[]", "bigint[]" or "bytea[]".
const char* PostgresArrayType(SqlType type);

// Column `index` of `rows` as PostgreSQL reads an array: {1,2}, {"a","b\"c"}, {"\\x70"}. A text
// with a NUL byte, which PostgreSQL has not, ends there.
std::string PostgresArray(std::span<const SqlRow> rows, std::size_t index, SqlType type);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_ARRAY_H_
