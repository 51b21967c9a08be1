#include "agent/state/state_db.h"

#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "agent/state/sqlite_ptr.h"

namespace flotilla::agent {
namespace {

constexpr int kBusyMillis = 5000;

constexpr std::string_view kSchema[] = {
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY, report BLOB NOT NULL)",
    ("CREATE TABLE IF NOT EXISTS progress (line TEXT PRIMARY KEY, assignment_key TEXT NOT NULL, "
     "assignment BLOB NOT NULL, state INTEGER NOT NULL) WITHOUT ROWID"),
};

Status FromSqlite(int code, const std::string& text) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return WithReason(ResourceExhausted(text), v1::FAILURE_REASON_STORAGE_NO_SPACE);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return WithReason(DataLoss(text), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
    case SQLITE_READONLY:
      return WithReason(FailedPrecondition(text), v1::FAILURE_REASON_STORAGE_READ_ONLY);
    default:
      return WithReason(Unavailable(text), v1::FAILURE_REASON_STORAGE_IO);
  }
}

SqlValue ColumnValue(sqlite3_stmt* statement, int column) {
  if (sqlite3_column_type(statement, column) == SQLITE_INTEGER) {
    return sqlite3_column_int64(statement, column);
  }
  const void* bytes = sqlite3_column_blob(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  if (bytes == nullptr) {
    return std::string();
  }
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

int Bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  const auto& text = std::get<std::string>(value);
  return sqlite3_bind_blob64(statement, index, text.data(), text.size(), SQLITE_TRANSIENT);
}

}  // namespace

struct StateDb::Impl {
  SqlitePtr database;

  Status Error(int code) const {
    return FromSqlite(code, std::string("agent.db: ") + sqlite3_errmsg(database.get()));
  }
};

StateDb::StateDb(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StateDb::~StateDb() = default;

StatusOr<std::unique_ptr<StateDb>> StateDb::OpenWith(const std::filesystem::path& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  auto impl = std::make_unique<Impl>();
  impl->database.reset(raw);
  if (code != SQLITE_OK) {
    return FromSqlite(code, path.string() + ": " + sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(raw, kBusyMillis);
  return std::unique_ptr<StateDb>(new StateDb(std::move(impl)));
}

StatusOr<std::unique_ptr<StateDb>> StateDb::Open(const std::filesystem::path& path) {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<StateDb> db,
                            OpenWith(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  for (const std::string_view sql : kSchema) {
    FLOTILLA_RETURN_IF_ERROR(db->Run(sql));
  }
  return db;
}

StatusOr<std::unique_ptr<StateDb>> StateDb::OpenReadOnly(const std::filesystem::path& path) {
  return OpenWith(path, SQLITE_OPEN_READONLY);
}

Status StateDb::Run(std::string_view sql, const std::vector<SqlValue>& parameters) {
  return Query(sql, parameters).status();
}

StatusOr<std::vector<SqlRow>> StateDb::Query(std::string_view sql,
                                             const std::vector<SqlValue>& parameters) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(impl_->database.get(), sql.data(), static_cast<int>(sql.size()),
                                &raw, nullptr);
  const SqliteStatementPtr statement(raw);
  if (code != SQLITE_OK) {
    return impl_->Error(code);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    code = Bind(raw, static_cast<int>(i) + 1, parameters[i]);
    if (code != SQLITE_OK) {
      return impl_->Error(code);
    }
  }
  std::vector<SqlRow> rows;
  for (code = sqlite3_step(raw); code == SQLITE_ROW; code = sqlite3_step(raw)) {
    SqlRow row;
    for (int column = 0; column < sqlite3_column_count(raw); ++column) {
      row.push_back(ColumnValue(raw, column));
    }
    rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) {
    return impl_->Error(code);
  }
  return rows;
}

Status StateDb::Transaction(const std::function<Status()>& body) {
  FLOTILLA_RETURN_IF_ERROR(Run("BEGIN IMMEDIATE"));
  Status status = body();
  if (status.ok()) {
    status = Run("COMMIT");
  }
  if (!status.ok()) {
    Run("ROLLBACK").IgnoreError();
  }
  return status;
}

}  // namespace flotilla::agent
