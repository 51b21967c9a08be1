#ifndef FLOTILLA_TESTS_E2E_SUPPORT_SQLITE_CONTENT_H_
#define FLOTILLA_TESTS_E2E_SUPPORT_SQLITE_CONTENT_H_

#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"

namespace flotilla::e2e {

struct SqliteTable {
  std::string name;
  std::vector<std::string> columns;
  // Values as text or as the bytes of a blob, in ascending order of the rows.
  std::vector<std::vector<std::string>> rows;
};

// Every table by name, with what stands in the log beside the file; neither is touched.
// INVALID_ARGUMENT: no database.
StatusOr<std::vector<SqliteTable>> ReadSqlite(const std::filesystem::path& file);

bool IsSqlite(const std::filesystem::path& file);

}  // namespace flotilla::e2e

#endif  // FLOTILLA_TESTS_E2E_SUPPORT_SQLITE_CONTENT_H_
