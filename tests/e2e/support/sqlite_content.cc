#include "tests/e2e/support/sqlite_content.h"

#include <algorithm>
#include <memory>
#include <system_error>

#include <sqlite3.h>

#include "absl/strings/str_cat.h"

#include "tests/e2e/support/process.h"
#include "tests/support/temp_dir.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

struct CloseDb {
  void operator()(sqlite3* db) const { ::sqlite3_close(db); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using Db = std::unique_ptr<sqlite3, CloseDb>;

StatusOr<SqliteTable> Select(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  if (::sqlite3_prepare_v2(db, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
    return InvalidArgument(::sqlite3_errmsg(db));
  }
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
  SqliteTable table;
  const int columns = ::sqlite3_column_count(prepared);
  for (int i = 0; i < columns; ++i) {
    table.columns.emplace_back(::sqlite3_column_name(prepared, i));
  }
  while (::sqlite3_step(prepared) == SQLITE_ROW) {
    std::vector<std::string> row;
    for (int i = 0; i < columns; ++i) {
      const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(prepared, i));
      const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(prepared, i));
      row.emplace_back(bytes == nullptr ? std::string() : std::string(bytes, size));
    }
    table.rows.push_back(std::move(row));
  }
  std::sort(table.rows.begin(), table.rows.end());
  return table;
}

}  // namespace

bool IsSqlite(const fs::path& file) {
  return FileText(file).starts_with("SQLite format 3");
}

StatusOr<std::vector<SqliteTable>> ReadSqlite(const fs::path& file) {
  const TempDir copies;
  for (const char* part : {"", "-wal"}) {
    std::error_code error;
    fs::copy_file(file.string() + part, copies.path() / absl::StrCat("db", part), error);
  }
  sqlite3* opened = nullptr;
  const int result = ::sqlite3_open((copies.path() / "db").c_str(), &opened);
  const Db db(opened);
  if (result != SQLITE_OK) {
    return InvalidArgument(absl::StrCat(file.string(), " does not open"));
  }
  FLOTILLA_ASSIGN_OR_RETURN(
      const SqliteTable names,
      Select(opened, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"));
  std::vector<SqliteTable> tables;
  for (const std::vector<std::string>& row : names.rows) {
    FLOTILLA_ASSIGN_OR_RETURN(SqliteTable table,
                              Select(opened, absl::StrCat("SELECT * FROM \"", row.at(0), "\"")));
    table.name = row.at(0);
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace flotilla::e2e
