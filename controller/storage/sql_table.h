// The tables of a fleet as data, so that each dialect writes rows in the way its database likes
// best.
#ifndef FLOTILLA_CONTROLLER_STORAGE_SQL_TABLE_H_
#define FLOTILLA_CONTROLLER_STORAGE_SQL_TABLE_H_

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace flotilla::controller {

// Database columns hold signed numbers; the bits stay.
using SqlNumber = long long;

enum class SqlType { kUnspecified, kText, kNumber, kBody };

// What becomes of a row whose key is taken.
enum class SqlWrite {
  kUnspecified,
  kReplace,
  kKeepFirst,
  // The database refuses it, and the transaction with it.
  kInsert,
  // The rows are keys: what has them goes.
  kDelete,
};

struct SqlColumn {
  const char* name = nullptr;
  SqlType type = SqlType::kUnspecified;
};

struct SqlTable {
  const char* name = nullptr;
  // The first `key_columns` of them are the key.
  std::vector<SqlColumn> columns;
  std::size_t key_columns = 0;
  SqlWrite write = SqlWrite::kUnspecified;
};

// A number, or the bytes of a text or body.
using SqlValue = std::variant<SqlNumber, std::string>;
// One value a column.
using SqlRow = std::vector<SqlValue>;

// Rows of one table, sorted by key, no key twice (but for kInsert).
struct SqlBatch {
  const SqlTable* table = nullptr;
  std::vector<SqlRow> rows;

  friend bool operator==(const SqlBatch&, const SqlBatch&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_SQL_TABLE_H_
