// One SQLite file: WAL and synchronous=FULL, so that what was committed survives a power cut.
#ifndef FLOTILLA_TELEMETRY_STORE_SQLITE_DATABASE_H_
#define FLOTILLA_TELEMETRY_STORE_SQLITE_DATABASE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::telemetry {

// What stands for a ?1 of a statement; the bytes live as long as the call.
using SqlParameter = std::variant<std::int64_t, ByteView>;
using SqlValue = std::variant<std::int64_t, Bytes>;
using SqlRow = std::vector<SqlValue>;

struct SqliteOptions {
  std::filesystem::path file;
  // Whose file it is (PRAGMA application_id), and of which schema (PRAGMA user_version), above 0.
  std::int32_t application_id = 0;
  std::int32_t schema_version = 0;
  // Makes the tables of a new file.
  std::span<const std::string_view> schema{};
  // The file never grows beyond it.
  std::uint64_t max_bytes = 0;
};

// Blocking. One thread at a time. Errors: RESOURCE_EXHAUSTED no space, or max_bytes
// (STORAGE_NO_SPACE); DATA_LOSS the file is no database or damaged (STORAGE_STATE_CORRUPT);
// FAILED_PRECONDITION read-only (STORAGE_READ_ONLY); INTERNAL a row that must not be there twice
// is; UNAVAILABLE the rest (STORAGE_IO).
class SqliteDatabase {
 public:
  // Makes the file, readable for its owner alone, when it is not there; looks through the one that
  // is there. FAILED_PRECONDITION: of another program, or of a later schema.
  static StatusOr<std::unique_ptr<SqliteDatabase>> Open(const SqliteOptions& options);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  Status Run(std::string_view sql, std::initializer_list<SqlParameter> parameters = {});
  StatusOr<std::vector<SqlRow>> Query(std::string_view sql,
                                      std::initializer_list<SqlParameter> parameters = {});
  // All of `body` or nothing, durable when it returns OK.
  Status Transaction(const std::function<Status()>& body);

 private:
  struct Impl;
  explicit SqliteDatabase(std::unique_ptr<Impl> impl);
  Status Configure(const SqliteOptions& options);
  Status MakeSchema(const SqliteOptions& options);
  StatusOr<std::int64_t> Number(std::string_view sql);

  std::unique_ptr<Impl> impl_;
};

// Columns of a row. DATA_LOSS: of another type or size.
StatusOr<std::int64_t> NumberIn(const SqlRow& row, std::size_t column);
StatusOr<Bytes> BytesIn(const SqlRow& row, std::size_t column);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_STORE_SQLITE_DATABASE_H_
