#include "controller/health/sqlite_health_store.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla::controller {
namespace {

using telemetry::BytesIn;
using telemetry::NumberIn;
using telemetry::SqlRow;

constexpr std::int32_t kApplication = 0x666c6864;  // "flhd"
constexpr std::int32_t kSchemaVersion = 1;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{64} << 30U;

constexpr std::array<std::string_view, 4> kSchema = {
    "CREATE TABLE task (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, shown BLOB NOT NULL,"
    " configuration BLOB NOT NULL, verify_key BLOB NOT NULL)",
    "CREATE TABLE report (seq INTEGER PRIMARY KEY AUTOINCREMENT, task BLOB NOT NULL,"
    " window INTEGER NOT NULL, id BLOB NOT NULL, report BLOB NOT NULL, UNIQUE (task, window, id))",
    "CREATE INDEX report_order ON report (task, window, seq)",
    "CREATE TABLE closed (task BLOB NOT NULL, window INTEGER NOT NULL, shown BLOB NOT NULL,"
    " PRIMARY KEY (task, window)) WITHOUT ROWID",
};

std::int64_t Number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

template <typename Message>
Status ParseInto(const Bytes& bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
             ? OkStatus()
             : DataLoss("health.db: a message does not parse");
}

StatusOr<Digest> DigestIn(const SqlRow& row, std::size_t column) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, BytesIn(row, column));
  const StatusOr<Digest> digest = Digest::FromBytes(bytes);
  return digest.ok() ? digest : DataLoss("health.db: an id of another size");
}

template <std::size_t N>
Status ArrayIn(const SqlRow& row, std::size_t column, std::array<std::uint8_t, N>& out) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, BytesIn(row, column));
  if (bytes.size() != N) {
    return DataLoss("health.db: a value of another size");
  }
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<SqliteHealthStore>> SqliteHealthStore::Open(
    const std::filesystem::path& file) {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<telemetry::SqliteDatabase> database,
                            telemetry::SqliteDatabase::Open(
                                {file, kApplication, kSchemaVersion, kSchema, kMaxFileBytes}));
  FLOTILLA_RETURN_IF_ERROR(database->Query("PRAGMA secure_delete=ON").status());
  return std::unique_ptr<SqliteHealthStore>(new SqliteHealthStore(std::move(database)));
}

StatusOr<HealthSnapshot> SqliteHealthStore::Load() {
  const std::lock_guard lock(mutex_);
  HealthSnapshot snapshot;
  FLOTILLA_RETURN_IF_ERROR(LoadTasks(snapshot));
  FLOTILLA_RETURN_IF_ERROR(LoadClosed(snapshot));
  FLOTILLA_RETURN_IF_ERROR(LoadPending(snapshot));
  return snapshot;
}

Status SqliteHealthStore::LoadTasks(HealthSnapshot& snapshot) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT id, shown, configuration, verify_key FROM task ORDER BY seq"));
  for (const SqlRow& row : rows) {
    StoredHealthTask task;
    FLOTILLA_ASSIGN_OR_RETURN(task.id, DigestIn(row, 0));
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes shown, BytesIn(row, 1));
    FLOTILLA_RETURN_IF_ERROR(ParseInto(shown, task.shown));
    FLOTILLA_ASSIGN_OR_RETURN(task.configuration, BytesIn(row, 2));
    FLOTILLA_RETURN_IF_ERROR(ArrayIn(row, 3, task.verify_key));
    snapshot.tasks.push_back(std::move(task));
  }
  return OkStatus();
}

Status SqliteHealthStore::LoadClosed(HealthSnapshot& snapshot) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows,
                            database_->Query("SELECT task, window, shown FROM closed"));
  for (const SqlRow& row : rows) {
    ClosedHealthWindow closed;
    FLOTILLA_ASSIGN_OR_RETURN(closed.task, DigestIn(row, 0));
    FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t window, NumberIn(row, 1));
    closed.window = static_cast<dap::WindowStart>(window);
    FLOTILLA_ASSIGN_OR_RETURN(const Bytes shown, BytesIn(row, 2));
    FLOTILLA_RETURN_IF_ERROR(ParseInto(shown, closed.shown));
    snapshot.closed.push_back(std::move(closed));
  }
  return OkStatus();
}

Status SqliteHealthStore::LoadPending(HealthSnapshot& snapshot) {
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT task, window, count(*) FROM report GROUP BY task, window"));
  for (const SqlRow& row : rows) {
    FLOTILLA_ASSIGN_OR_RETURN(const Digest task, DigestIn(row, 0));
    FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t window, NumberIn(row, 1));
    FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t count, NumberIn(row, 2));
    snapshot.pending[{task, static_cast<dap::WindowStart>(window)}] =
        static_cast<std::uint64_t>(count);
  }
  return OkStatus();
}

Status SqliteHealthStore::PutTask(const StoredHealthTask& task) {
  const std::lock_guard lock(mutex_);
  const std::string shown = task.shown.SerializeAsString();
  return database_->Transaction([&] {
    return database_->Run(
        "INSERT INTO task (id, shown, configuration, verify_key) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (id) DO UPDATE SET shown = ?2, configuration = ?3, verify_key = ?4",
        {task.id.bytes(), AsBytes(shown), ByteView(task.configuration), ByteView(task.verify_key)});
  });
}

StatusOr<Taking> SqliteHealthStore::PutReport(const PendingReport& report) {
  const std::lock_guard lock(mutex_);
  std::int64_t changes = 0;
  const Status stored = database_->Transaction([&]() -> Status {
    FLOTILLA_RETURN_IF_ERROR(database_->Run(
        "INSERT OR IGNORE INTO report (task, window, id, report) VALUES (?1, ?2, ?3, ?4)",
        {report.task.bytes(), Number(report.window), ByteView(report.id),
         ByteView(report.report)}));
    FLOTILLA_ASSIGN_OR_RETURN(const std::vector<SqlRow> rows, database_->Query("SELECT changes()"));
    FLOTILLA_ASSIGN_OR_RETURN(changes, NumberIn(rows.front(), 0));
    return OkStatus();
  });
  FLOTILLA_RETURN_IF_ERROR(stored);
  return changes > 0 ? Taking::kNew : Taking::kKnown;
}

StatusOr<std::vector<PendingReport>> SqliteHealthStore::OldestReports(const HealthWindowKey& window,
                                                                      std::size_t limit) {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT id, report FROM report WHERE task = ?1 AND window = ?2"
                       " ORDER BY seq LIMIT ?3",
                       {window.first.bytes(), Number(window.second), Number(limit)}));
  std::vector<PendingReport> reports;
  for (const SqlRow& row : rows) {
    PendingReport& report = reports.emplace_back();
    report.task = window.first;
    report.window = window.second;
    FLOTILLA_RETURN_IF_ERROR(ArrayIn(row, 0, report.id));
    FLOTILLA_ASSIGN_OR_RETURN(report.report, BytesIn(row, 1));
  }
  return reports;
}

Status SqliteHealthStore::Settle(const HealthWindowKey& window,
                                 std::span<const dap::ReportId> reports) {
  const std::lock_guard lock(mutex_);
  return database_->Transaction([&]() -> Status {
    for (const dap::ReportId& report : reports) {
      FLOTILLA_RETURN_IF_ERROR(
          database_->Run("DELETE FROM report WHERE task = ?1 AND window = ?2 AND id = ?3",
                         {window.first.bytes(), Number(window.second), ByteView(report)}));
    }
    return OkStatus();
  });
}

Status SqliteHealthStore::CloseWindow(const ClosedHealthWindow& closed) {
  const std::lock_guard lock(mutex_);
  const std::string shown = closed.shown.SerializeAsString();
  return database_->Transaction([&]() -> Status {
    FLOTILLA_RETURN_IF_ERROR(
        database_->Run("INSERT OR REPLACE INTO closed (task, window, shown) VALUES (?1, ?2, ?3)",
                       {closed.task.bytes(), Number(closed.window), AsBytes(shown)}));
    return database_->Run("DELETE FROM report WHERE task = ?1 AND window = ?2",
                          {closed.task.bytes(), Number(closed.window)});
  });
}

}  // namespace flotilla::controller
