#include "telemetry/store/sqlite_aggregator_store.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

#include "telemetry/dap/task_configuration.h"
#include "telemetry/dp/budget.h"

namespace flotilla::telemetry {
namespace {

constexpr std::int32_t kApplicationId = 0x464c4147;  // "FLAG"
constexpr std::int32_t kSchemaVersion = 1;

// Windows and counts are the bits of unsigned numbers; times are nanoseconds since 1970.
constexpr std::string_view kSchema[] = {
    ("CREATE TABLE task (id BLOB PRIMARY KEY, configuration BLOB NOT NULL, "
     "verify_key BLOB NOT NULL, collector BLOB NOT NULL) WITHOUT ROWID"),
    ("CREATE TABLE report (task BLOB NOT NULL, id BLOB NOT NULL, window INTEGER NOT NULL, "
     "PRIMARY KEY (task, id)) WITHOUT ROWID"),
    "CREATE INDEX report_window ON report (task, window)",
    ("CREATE TABLE charge (key BLOB NOT NULL, window BLOB NOT NULL, at INTEGER NOT NULL, "
     "nano_epsilon INTEGER NOT NULL, pico_rho INTEGER NOT NULL, "
     "PRIMARY KEY (key, window)) WITHOUT ROWID"),
    "CREATE INDEX charge_at ON charge (at)",
    ("CREATE TABLE bucket (task BLOB NOT NULL, window INTEGER NOT NULL, aggregate BLOB NOT NULL, "
     "count INTEGER NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (task, window)) WITHOUT ROWID"),
    ("CREATE TABLE answer (task BLOB NOT NULL, request BLOB NOT NULL, last_window INTEGER NOT NULL,"
     " answer BLOB NOT NULL, PRIMARY KEY (task, request)) WITHOUT ROWID"),
    ("CREATE TABLE collected (task BLOB NOT NULL, window INTEGER NOT NULL, request BLOB NOT NULL, "
     "answer BLOB NOT NULL, PRIMARY KEY (task, window)) WITHOUT ROWID"),
};

std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

StatusOr<std::uint64_t> UnsignedIn(const SqlRow& row, std::size_t column) {
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t number, NumberIn(row, column));
  return static_cast<std::uint64_t>(number);
}

template <std::size_t N>
StatusOr<std::array<std::uint8_t, N>> ArrayIn(const SqlRow& row, std::size_t column) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, BytesIn(row, column));
  std::array<std::uint8_t, N> array{};
  if (bytes.size() != N) {
    return WithReason(DataLoss("a row with bytes of another size"),
                      v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  }
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

StatusOr<Digest> DigestIn(const SqlRow& row, std::size_t column) {
  FLOTILLA_ASSIGN_OR_RETURN(const auto bytes, ArrayIn<Digest::kSize>(row, column));
  return Digest(bytes);
}

StatusOr<StoredTask> TaskIn(const SqlRow& row) {
  StoredTask task;
  FLOTILLA_ASSIGN_OR_RETURN(task.configuration, BytesIn(row, 0));
  FLOTILLA_ASSIGN_OR_RETURN(task.verify_key, ArrayIn<sizeof(vdaf::VerifyKey)>(row, 1));
  FLOTILLA_ASSIGN_OR_RETURN(task.collector, BytesIn(row, 2));
  return task;
}

StatusOr<dp::KeyCharge> ChargeIn(const SqlRow& row) {
  dp::KeyCharge charge;
  FLOTILLA_ASSIGN_OR_RETURN(charge.window, ArrayIn<sizeof(dp::ChargeId)>(row, 0));
  FLOTILLA_ASSIGN_OR_RETURN(const std::int64_t at, NumberIn(row, 1));
  charge.at = absl::FromUnixNanos(at);
  FLOTILLA_ASSIGN_OR_RETURN(charge.cost.nano_epsilon, UnsignedIn(row, 2));
  FLOTILLA_ASSIGN_OR_RETURN(charge.cost.pico_rho, UnsignedIn(row, 3));
  return charge;
}

}  // namespace

StatusOr<std::unique_ptr<SqliteAggregatorStore>> SqliteAggregatorStore::Open(
    const std::filesystem::path& file, std::uint64_t max_bytes) {
  FLOTILLA_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> database,
                            SqliteDatabase::Open({.file = file,
                                                  .application_id = kApplicationId,
                                                  .schema_version = kSchemaVersion,
                                                  .schema = kSchema,
                                                  .max_bytes = max_bytes}));
  return std::unique_ptr<SqliteAggregatorStore>(new SqliteAggregatorStore(std::move(database)));
}

Status SqliteAggregatorStore::PutTask(const StoredTask& task) {
  const dap::TaskId id = dap::TaskIdOf(task.configuration);
  const std::lock_guard lock(mutex_);
  return database_->Transaction([&]() -> Status {
    FLOTILLA_ASSIGN_OR_RETURN(
        const std::vector<SqlRow> rows,
        database_->Query("SELECT configuration, verify_key, collector FROM task WHERE id=?1",
                         {id.bytes()}));
    if (rows.empty()) {
      return database_->Run(
          "INSERT INTO task VALUES (?1, ?2, ?3, ?4)",
          {id.bytes(), ByteView(task.configuration), task.verify_key, ByteView(task.collector)});
    }
    FLOTILLA_ASSIGN_OR_RETURN(const StoredTask known, TaskIn(rows[0]));
    return known == task ? OkStatus() : AlreadyExists("the task is known with other keys");
  });
}

StatusOr<std::vector<StoredTask>> SqliteAggregatorStore::Tasks() const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT configuration, verify_key, collector FROM task ORDER BY id"));
  std::vector<StoredTask> tasks;
  for (const SqlRow& row : rows) {
    FLOTILLA_ASSIGN_OR_RETURN(StoredTask task, TaskIn(row));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

Status SqliteAggregatorStore::Forget(const dap::TaskId& task, dap::WindowStart first_kept) {
  const std::lock_guard lock(mutex_);
  return database_->Transaction([&]() -> Status {
    FLOTILLA_RETURN_IF_ERROR(database_->Run("DELETE FROM report WHERE task=?1 AND window<?2",
                                            {task.bytes(), Signed(first_kept)}));
    return database_->Run("DELETE FROM answer WHERE task=?1 AND last_window<?2",
                          {task.bytes(), Signed(first_kept)});
  });
}

Status SqliteAggregatorStore::ForgetTask(const dap::TaskId& task) {
  const std::lock_guard lock(mutex_);
  return database_->Transaction([&]() -> Status {
    for (const std::string_view sql :
         {"DELETE FROM report WHERE task=?1", "DELETE FROM answer WHERE task=?1",
          "DELETE FROM bucket WHERE task=?1", "DELETE FROM collected WHERE task=?1",
          "DELETE FROM task WHERE id=?1"}) {
      FLOTILLA_RETURN_IF_ERROR(database_->Run(sql, {task.bytes()}));
    }
    return OkStatus();
  });
}

Status SqliteAggregatorStore::ForgetCharges(Time now) {
  const std::lock_guard lock(mutex_);
  return database_->Run("DELETE FROM charge WHERE at<?1",
                        {absl::ToUnixNanos(now - dp::kBudgetWindow)});
}

StatusOr<std::optional<Bytes>> SqliteAggregatorStore::FindAnswer(const dap::TaskId& task,
                                                                 const Digest& request) const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT answer FROM answer WHERE task=?1 AND request=?2",
                       {task.bytes(), request.bytes()}));
  if (rows.empty()) return std::optional<Bytes>();
  FLOTILLA_ASSIGN_OR_RETURN(Bytes answer, BytesIn(rows[0], 0));
  return std::optional<Bytes>(std::move(answer));
}

StatusOr<bool> SqliteAggregatorStore::HasReport(const dap::TaskId& task,
                                                const dap::ReportId& report) const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT 1 FROM report WHERE task=?1 AND id=?2", {task.bytes(), report}));
  return !rows.empty();
}

StatusOr<std::vector<dp::KeyCharge>> SqliteAggregatorStore::ChargesOf(const dap::KeyId& key) const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT window, at, nano_epsilon, pico_rho FROM charge WHERE key=?1",
                       {key.bytes()}));
  std::vector<dp::KeyCharge> charges;
  for (const SqlRow& row : rows) {
    FLOTILLA_ASSIGN_OR_RETURN(const dp::KeyCharge charge, ChargeIn(row));
    charges.push_back(charge);
  }
  return charges;
}

StatusOr<std::optional<dap::BatchBucket>> SqliteAggregatorStore::FindBucket(
    const dap::TaskId& task, dap::WindowStart window) const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT aggregate, count, checksum FROM bucket WHERE task=?1 AND window=?2",
                       {task.bytes(), Signed(window)}));
  if (rows.empty()) return std::optional<dap::BatchBucket>();
  dap::BatchBucket bucket;
  FLOTILLA_ASSIGN_OR_RETURN(bucket.aggregate, BytesIn(rows[0], 0));
  FLOTILLA_ASSIGN_OR_RETURN(bucket.count, UnsignedIn(rows[0], 1));
  FLOTILLA_ASSIGN_OR_RETURN(bucket.checksum, DigestIn(rows[0], 2));
  return std::optional<dap::BatchBucket>(std::move(bucket));
}

StatusOr<std::optional<dap::CollectedWindow>> SqliteAggregatorStore::FindCollected(
    const dap::TaskId& task, dap::WindowStart window) const {
  const std::lock_guard lock(mutex_);
  FLOTILLA_ASSIGN_OR_RETURN(
      const std::vector<SqlRow> rows,
      database_->Query("SELECT request, answer FROM collected WHERE task=?1 AND window=?2",
                       {task.bytes(), Signed(window)}));
  if (rows.empty()) return std::optional<dap::CollectedWindow>();
  dap::CollectedWindow collected;
  FLOTILLA_ASSIGN_OR_RETURN(collected.request, DigestIn(rows[0], 0));
  FLOTILLA_ASSIGN_OR_RETURN(collected.answer, BytesIn(rows[0], 1));
  return std::optional<dap::CollectedWindow>(std::move(collected));
}

Status SqliteAggregatorStore::Commit(const dap::AggregatorCommit& commit) {
  const std::lock_guard lock(mutex_);
  return database_->Transaction([&]() -> Status {
    FLOTILLA_RETURN_IF_ERROR(WriteReports(commit));
    FLOTILLA_RETURN_IF_ERROR(WriteSums(commit));
    return WriteAnswer(commit);
  });
}

Status SqliteAggregatorStore::WriteReports(const dap::AggregatorCommit& commit) {
  for (const auto& [window, report] : commit.reports) {
    FLOTILLA_RETURN_IF_ERROR(database_->Run("INSERT INTO report VALUES (?1, ?2, ?3)",
                                            {commit.task.bytes(), report, Signed(window)}));
  }
  for (const auto& [key, charge] : commit.charges) {
    FLOTILLA_RETURN_IF_ERROR(
        database_->Run("INSERT INTO charge VALUES (?1, ?2, ?3, ?4, ?5)",
                       {key.bytes(), charge.window, absl::ToUnixNanos(charge.at),
                        Signed(charge.cost.nano_epsilon), Signed(charge.cost.pico_rho)}));
  }
  return OkStatus();
}

Status SqliteAggregatorStore::WriteSums(const dap::AggregatorCommit& commit) {
  for (const auto& [window, bucket] : commit.buckets) {
    FLOTILLA_RETURN_IF_ERROR(
        database_->Run("INSERT OR REPLACE INTO bucket VALUES (?1, ?2, ?3, ?4, ?5)",
                       {commit.task.bytes(), Signed(window), ByteView(bucket.aggregate),
                        Signed(bucket.count), bucket.checksum.bytes()}));
  }
  for (const auto& [window, collected] : commit.collected) {
    FLOTILLA_RETURN_IF_ERROR(
        database_->Run("INSERT INTO collected VALUES (?1, ?2, ?3, ?4)",
                       {commit.task.bytes(), Signed(window), collected.request.bytes(),
                        ByteView(collected.answer)}));
  }
  return OkStatus();
}

Status SqliteAggregatorStore::WriteAnswer(const dap::AggregatorCommit& commit) {
  if (!commit.answer.has_value()) return OkStatus();
  return database_->Run("INSERT OR REPLACE INTO answer VALUES (?1, ?2, ?3, ?4)",
                        {commit.task.bytes(), commit.answer->first.bytes(),
                         Signed(commit.answer_window), ByteView(commit.answer->second)});
}

}  // namespace flotilla::telemetry
