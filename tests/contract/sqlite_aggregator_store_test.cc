// What the SQLite adapter keeps beyond the port: tasks, forgetting, and its word when a disk fails.

#include "telemetry/store/sqlite_aggregator_store.h"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/sha256.h"
#include "telemetry/dap/task_configuration.h"
#include "telemetry/dp/budget.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

Digest Named(const std::string& name) {
  return security::Sha256(AsBytes(name));
}

StoredTask TaskNamed(const std::string& name) {
  StoredTask task;
  task.configuration = ToBytes(name);
  task.verify_key.fill(7);
  task.collector = ToBytes("collector");
  return task;
}

dap::ReportId Report(std::uint8_t number) {
  dap::ReportId id{};
  id.back() = number;
  return id;
}

// One report of `window`, with the answer to its job.
dap::AggregatorCommit JobOf(const dap::TaskId& task, dap::WindowStart window, std::uint8_t number) {
  dap::AggregatorCommit commit;
  commit.task = task;
  commit.reports = {{window, Report(number)}};
  dp::KeyCharge charge;
  charge.window.fill(number);
  charge.at = absl::FromUnixSeconds(std::int64_t{number} * 86400);
  charge.cost.nano_epsilon = 1;
  commit.charges = {{Named("device"), charge}};
  commit.buckets[window] = {.aggregate = ToBytes("sum"), .count = number, .checksum = Digest()};
  commit.answer.emplace(Named(std::to_string(number)), Bytes(100, number));
  commit.answer_window = window;
  return commit;
}

class SqliteAggregatorStoreTest : public testing::Test {
 protected:
  StatusOr<std::unique_ptr<SqliteAggregatorStore>> Open(std::uint64_t max_bytes = kMaxStoreBytes) {
    return SqliteAggregatorStore::Open(file_, max_bytes);
  }

  TempDir folder_;
  const std::filesystem::path file_ = folder_.path() / "aggregator.db";
  const dap::TaskId task_ = Named("task");
};

TEST_F(SqliteAggregatorStoreTest, KeepsTasksWithTheirKeys) {
  ASSERT_TRUE((*Open())->PutTask(TaskNamed("a")).ok());
  const auto store = *Open();
  ASSERT_TRUE(store->PutTask(TaskNamed("a")).ok());
  ASSERT_TRUE(store->PutTask(TaskNamed("b")).ok());
  const auto tasks = *store->Tasks();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_TRUE((tasks[0] == TaskNamed("a") && tasks[1] == TaskNamed("b")) ||
              (tasks[0] == TaskNamed("b") && tasks[1] == TaskNamed("a")));
}

TEST_F(SqliteAggregatorStoreTest, ATaskKeepsTheKeysThatItWasPutWith) {
  const auto store = *Open();
  ASSERT_TRUE(store->PutTask(TaskNamed("a")).ok());
  StoredTask other = TaskNamed("a");
  other.verify_key[0] ^= 1;
  EXPECT_EQ(store->PutTask(other).code(), StatusCode::kAlreadyExists);
  other = TaskNamed("a");
  other.collector = ToBytes("another");
  EXPECT_EQ(store->PutTask(other).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(store->Tasks()->front(), TaskNamed("a"));
}

TEST_F(SqliteAggregatorStoreTest, ForgetsReportsAndAnswersOfClosedWindowsAlone) {
  const auto store = *Open();
  ASSERT_TRUE(store->Commit(JobOf(task_, 500, 1)).ok());
  ASSERT_TRUE(store->Commit(JobOf(task_, 501, 2)).ok());
  ASSERT_TRUE(store->Commit(JobOf(Named("other"), 500, 3)).ok());
  ASSERT_TRUE(store->Forget(task_, 501).ok());
  EXPECT_FALSE(*store->HasReport(task_, Report(1)));
  EXPECT_EQ(*store->FindAnswer(task_, Named("1")), std::nullopt);
  EXPECT_TRUE(store->FindBucket(task_, 500)->has_value());
  EXPECT_TRUE(*store->HasReport(task_, Report(2)));
  EXPECT_TRUE(store->FindAnswer(task_, Named("2"))->has_value());
  EXPECT_TRUE(*store->HasReport(Named("other"), Report(3)));
}

TEST_F(SqliteAggregatorStoreTest, AForgottenTaskLeavesOnlyWhatDevicesHaveSpent) {
  const auto store = *Open();
  const StoredTask task = TaskNamed("a");
  const dap::TaskId id = dap::TaskIdOf(task.configuration);
  ASSERT_TRUE(store->PutTask(task).ok());
  dap::AggregatorCommit commit = JobOf(id, 500, 1);
  commit.collected.emplace(
      500, dap::CollectedWindow{.request = Named("asked"), .answer = ToBytes("share")});
  ASSERT_TRUE(store->Commit(commit).ok());
  ASSERT_TRUE(store->ForgetTask(id).ok());
  EXPECT_TRUE(store->Tasks()->empty());
  EXPECT_FALSE(*store->HasReport(id, Report(1)));
  EXPECT_FALSE(store->FindBucket(id, 500)->has_value());
  EXPECT_FALSE(store->FindCollected(id, 500)->has_value());
  EXPECT_EQ(*store->FindAnswer(id, Named("1")), std::nullopt);
  EXPECT_EQ(store->ChargesOf(Named("device"))->size(), 1U);
}

TEST_F(SqliteAggregatorStoreTest, ForgetsChargesThatCountNoMore) {
  const auto store = *Open();
  ASSERT_TRUE(store->Commit(JobOf(task_, 500, 1)).ok());
  ASSERT_TRUE(store->Commit(JobOf(task_, 501, 2)).ok());
  const Time first = absl::FromUnixSeconds(86400);
  ASSERT_TRUE(store->ForgetCharges(first + dp::kBudgetWindow).ok());
  EXPECT_EQ(store->ChargesOf(Named("device"))->size(), 2U);
  ASSERT_TRUE(store->ForgetCharges(first + dp::kBudgetWindow + absl::Seconds(1)).ok());
  EXPECT_EQ(store->ChargesOf(Named("device"))->size(), 1U);
}

TEST_F(SqliteAggregatorStoreTest, ACommitThatFailsInItsMiddleChangesNothing) {
  const auto store = *Open();
  ASSERT_TRUE(store->Commit(JobOf(task_, 500, 1)).ok());
  dap::AggregatorCommit twice = JobOf(task_, 500, 2);
  twice.reports.emplace_back(500, Report(1));  // there already
  EXPECT_EQ(store->Commit(twice).code(), StatusCode::kInternal);
  EXPECT_FALSE(*store->HasReport(task_, Report(2)));
  EXPECT_EQ(store->FindBucket(task_, 500)->value().count, 1U);
  EXPECT_EQ(store->ChargesOf(Named("device"))->size(), 1U);
  EXPECT_TRUE(store->Commit(JobOf(task_, 500, 2)).ok());
}

TEST_F(SqliteAggregatorStoreTest, ACollectedWindowIsNeverReplaced) {
  const auto store = *Open();
  dap::AggregatorCommit commit;
  commit.task = task_;
  commit.collected.emplace(500, dap::CollectedWindow{.request = {}, .answer = ToBytes("first")});
  ASSERT_TRUE(store->Commit(commit).ok());
  commit.collected.at(500).answer = ToBytes("second");
  EXPECT_EQ(store->Commit(commit).code(), StatusCode::kInternal);
  EXPECT_EQ(store->FindCollected(task_, 500)->value().answer, ToBytes("first"));
}

TEST_F(SqliteAggregatorStoreTest, OnAFullDiskACommitIsWholeOrNotThereAndSaysSo) {
  constexpr std::uint64_t kSmall = std::uint64_t{128} * 1024;
  auto store = *Open(kSmall);
  Status status;
  std::uint8_t number = 0;
  while (status.ok() && number < 200) {
    ++number;
    dap::AggregatorCommit commit = JobOf(task_, number, number);
    commit.answer->second.resize(4096);
    status = store->Commit(commit);
  }
  ASSERT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_STORAGE_NO_SPACE);
  for (const bool reopened : {false, true}) {
    if (reopened) {
      store.reset();
      store = *Open();
    }
    EXPECT_FALSE(*store->HasReport(task_, Report(number)));
    EXPECT_FALSE(store->FindBucket(task_, number)->has_value());
    EXPECT_EQ(store->ChargesOf(Named("device"))->size(), number - 1U);
    EXPECT_TRUE(*store->HasReport(task_, Report(static_cast<std::uint8_t>(number - 1))));
  }
  EXPECT_TRUE(store->Commit(JobOf(task_, number, number)).ok());
}

TEST_F(SqliteAggregatorStoreTest, ADamagedFileIsDataLossAndLeftAsItIs) {
  {
    const auto store = *Open();
    for (std::uint8_t number = 1; number < 100; ++number) {
      ASSERT_TRUE(store->Commit(JobOf(task_, number, number)).ok());
    }
  }
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file_));
  {
    std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff page = 4096; page < size; page += 4096) {
      file.seekp(page);
      file << std::string(64, '\xff');
    }
  }
  const auto damaged = Open();
  EXPECT_EQ(damaged.status().code(), StatusCode::kDataLoss) << damaged.status();
  EXPECT_EQ(ReasonNumber(damaged.status()), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  EXPECT_EQ(std::filesystem::file_size(file_), static_cast<std::uintmax_t>(size));
}

TEST_F(SqliteAggregatorStoreTest, AFileThatIsNoDatabaseIsDataLoss) {
  std::ofstream(file_) << "this was a letter, not a database, for longer than one header is long: "
                       << std::string(200, 'x');
  EXPECT_EQ(Open().status().code(), StatusCode::kDataLoss);
}

TEST_F(SqliteAggregatorStoreTest, RefusesAnotherProgramsDatabaseAndAFolderThatIsNotThere) {
  constexpr std::string_view kTable[] = {"CREATE TABLE other (x)"};
  ASSERT_TRUE(SqliteDatabase::Open({.file = file_,
                                    .application_id = 1,
                                    .schema_version = 1,
                                    .schema = kTable,
                                    .max_bytes = kMaxStoreBytes})
                  .ok());
  EXPECT_EQ(Open().status().code(), StatusCode::kFailedPrecondition);
  const auto nowhere = SqliteAggregatorStore::Open(folder_.path() / "none" / "aggregator.db");
  EXPECT_EQ(nowhere.status().code(), StatusCode::kUnavailable) << nowhere.status();
}

TEST_F(SqliteAggregatorStoreTest, IsReadableForItsOwnerAlone) {
  const auto store = *Open();
  ASSERT_TRUE(store->Commit(JobOf(task_, 500, 1)).ok());
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << entry.path();
  }
}

}  // namespace
}  // namespace flotilla::telemetry
