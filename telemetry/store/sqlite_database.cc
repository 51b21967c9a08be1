#include "telemetry/store/sqlite_database.h"

#include <algorithm>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "telemetry/store/sqlite_ptr.h"

namespace flotilla::telemetry {
namespace {

constexpr int kBusyMillis = 5000;

Status FromSqlite(int code, const std::string& text) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return WithReason(ResourceExhausted(text), v1::FAILURE_REASON_STORAGE_NO_SPACE);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return WithReason(DataLoss(text), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
    case SQLITE_READONLY:
      return WithReason(FailedPrecondition(text), v1::FAILURE_REASON_STORAGE_READ_ONLY);
    case SQLITE_CONSTRAINT:
      return Internal(text);
    default:
      return WithReason(Unavailable(text), v1::FAILURE_REASON_STORAGE_IO);
  }
}

int Bind(sqlite3_stmt* statement, int index, const SqlParameter& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  const ByteView bytes = std::get<ByteView>(value);
  if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
  // No destructor: the caller's bytes outlive the statement's run.
  return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), nullptr);
}

SqlValue ColumnValue(sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_INTEGER) {
    return sqlite3_column_int64(statement, column);
  }
  const auto* begin = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
  const int size = sqlite3_column_bytes(statement, column);
  return begin == nullptr ? Bytes() : Bytes(begin, begin + size);
}

// A statement that is ready for its next run when this goes.
class Rewound {
 public:
  explicit Rewound(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rewound() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Rewound(const Rewound&) = delete;
  Rewound& operator=(const Rewound&) = delete;

 private:
  sqlite3_stmt* statement_;
};

}  // namespace

struct SqliteDatabase::Impl {
  std::string name;
  SqlitePtr database;
  std::map<std::string, SqliteStatementPtr, std::less<>> statements;  // closed before the database

  Status Error(int code) const {
    return FromSqlite(code, absl::StrCat(name, ": ", sqlite3_errmsg(database.get())));
  }
  StatusOr<sqlite3_stmt*> Prepare(std::string_view sql) {
    const auto known = statements.find(sql);
    if (known != statements.end()) return known->second.get();
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(database.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) return Error(code);
    statements.emplace(sql, SqliteStatementPtr(raw));
    return raw;
  }
};

SqliteDatabase::SqliteDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteDatabase::~SqliteDatabase() = default;

StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const SqliteOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->name = options.file.filename().string();
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(options.file.c_str(), &raw, flags, nullptr);
  impl->database.reset(raw);
  if (code != SQLITE_OK) {
    return FromSqlite(code, absl::StrCat(options.file.string(), ": ", sqlite3_errstr(code)));
  }
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(std::move(impl)));
  FLOTILLA_RETURN_IF_ERROR(database->Configure(options));
  FLOTILLA_RETURN_IF_ERROR(database->MakeSchema(options));
  return database;
}

Status SqliteDatabase::Configure(const SqliteOptions& options) {
  sqlite3_busy_timeout(impl_->database.get(), kBusyMillis);
  // Before the first write: the log of writes takes over the permissions of the file.
  std::error_code error;
  std::filesystem::permissions(
      options.file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
      error);
  if (error) return ErrnoStatus(error.value(), options.file.string());
  FLOTILLA_RETURN_IF_ERROR(Run("PRAGMA journal_mode=WAL"));
  FLOTILLA_RETURN_IF_ERROR(Run("PRAGMA synchronous=FULL"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t page_bytes, Number("PRAGMA page_size"));
  const std::uint64_t pages = options.max_bytes / static_cast<std::uint64_t>(page_bytes);
  return Run(absl::StrCat("PRAGMA max_page_count=", std::max<std::uint64_t>(pages, 1)));
}

Status SqliteDatabase::MakeSchema(const SqliteOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> faults, Query("PRAGMA quick_check(1)"));
  if (faults.size() != 1 || faults[0].empty() || faults[0][0] != SqlValue(ToBytes("ok"))) {
    return WithReason(DataLoss(absl::StrCat(impl_->name, ": damaged")),
                      v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t application, Number("PRAGMA application_id"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t version, Number("PRAGMA user_version"));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t tables,
                            Number("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) {
    return Transaction([&]() -> Status {
      for (const std::string_view sql : options.schema) FLOTILLA_RETURN_IF_ERROR(Run(sql));
      FLOTILLA_RETURN_IF_ERROR(Run(absl::StrCat("PRAGMA application_id=", options.application_id)));
      return Run(absl::StrCat("PRAGMA user_version=", options.schema_version));
    });
  }
  if (application != options.application_id) {
    return FailedPrecondition(absl::StrCat(impl_->name, ": a database of something else"));
  }
  if (version != options.schema_version) {
    return FailedPrecondition(absl::StrCat(impl_->name, ": of schema ", version,
                                           ", this program knows ", options.schema_version));
  }
  return OkStatus();
}

StatusOr<std::int64_t> SqliteDatabase::Number(std::string_view sql) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows, Query(sql));
  if (rows.size() != 1) return DataLoss(absl::StrCat(impl_->name, ": not one row"));
  return NumberIn(rows[0], 0);
}

Status SqliteDatabase::Run(std::string_view sql, std::initializer_list<SqlParameter> parameters) {
  return Query(sql, parameters).status();
}

StatusOr<std::vector<SqlRow>> SqliteDatabase::Query(
    std::string_view sql, std::initializer_list<SqlParameter> parameters) {
  FLOTILLA_ASSIGN_OR_RETURN(sqlite3_stmt * statement, impl_->Prepare(sql));
  const Rewound rewound(statement);
  int index = 0;
  for (const SqlParameter& parameter : parameters) {
    const int code = Bind(statement, ++index, parameter);
    if (code != SQLITE_OK) return impl_->Error(code);
  }
  std::vector<SqlRow> rows;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    SqlRow& row = rows.emplace_back();
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
      row.push_back(ColumnValue(statement, column));
    }
  }
  if (code != SQLITE_DONE) return impl_->Error(code);
  return rows;
}

Status SqliteDatabase::Transaction(const std::function<Status()>& body) {
  FLOTILLA_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
  Status status = body();
  if (status.ok()) status = Run("COMMIT");
  if (!status.ok() && sqlite3_get_autocommit(impl_->database.get()) == 0) {
    Run("ROLLBACK").IgnoreError();
  }
  return status;
}

StatusOr<std::int64_t> NumberIn(const SqlRow& row, std::size_t column) {
  const auto* number = column < row.size() ? std::get_if<std::int64_t>(&row[column]) : nullptr;
  if (number == nullptr) {
    return WithReason(DataLoss("a row without a number"), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  return *number;
}

StatusOr<Bytes> BytesIn(const SqlRow& row, std::size_t column) {
  const auto* bytes = column < row.size() ? std::get_if<Bytes>(&row[column]) : nullptr;
  if (bytes == nullptr) {
    return WithReason(DataLoss("a row without bytes"), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  return *bytes;
}

}  // namespace flotilla::telemetry
