// The journal of a SQLite store: what a crash between append and fold leaves, and what its readers
// see.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <sqlite3.h>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/storage/fleet_copy.h"
#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sqlite_dialect.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

namespace fs = std::filesystem;

// A device, its report and its place in a rollout, as one report writes them.
FleetChange ReportOf(const std::string& id, std::uint64_t seq, const std::string& text = {}) {
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back();
  device.record.set_id(id);
  device.record.set_agent_version(text);
  device.report_seq = seq;
  StoredReport& report = change.reports.emplace_back();
  report.device_id = id;
  report.report.set_boot_epoch(5);
  report.report.set_seq(seq);
  report.report.set_variant(text);
  report.received_at = FromUnixMillis(1'700'000'000'000 + static_cast<std::int64_t>(seq));
  v1::RolloutDevice& member = change.rollout_devices.emplace_back();
  member.set_rollout_id("pump-2");
  member.set_device_id(id);
  return change;
}

class SqliteJournal : public testing::Test {
 protected:
  SqliteJournal() { Open(); }

  // Ends the store as a process does: what waits in the journal stays there.
  void Open(SqliteOptions options = {}) {
    store_.reset();
    auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(file(), options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  // What a crash at this moment leaves, in place of the store's own file.
  void Crash() {
    const TempDir image;
    for (const char* part : {"", "-wal"}) {
      fs::copy_file(file().string() + part, image.path() / absl::StrCat("db", part));
    }
    store_.reset();
    for (const char* part : {"", "-wal"}) {
      fs::copy_file(image.path() / absl::StrCat("db", part), file().string() + part,
                    fs::copy_options::overwrite_existing);
    }
    Open();
  }
  FoldState Fold(std::size_t keep_bytes = 0) {
    const auto folded = store_->Fold(keep_bytes);
    EXPECT_TRUE(folded.ok()) << folded.status();
    return folded.value_or(FoldState{});
  }
  int FoldWhole() {
    int calls = 0;
    while (Fold().size_bytes > 0) {
      ++calls;
    }
    return calls;
  }
  // The first column of the first row, read beside the store.
  std::string Ask(const std::string& sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(file().c_str(), &handle), SQLITE_OK);
    std::string answer;
    const auto take = [](void* to, int /*columns*/, char** values, char** /*names*/) {
      *static_cast<std::string*>(to) = values[0] == nullptr ? "" : values[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), take, &answer, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return answer;
  }
  std::string Count(const std::string& table) const {
    return Ask(absl::StrCat("SELECT COUNT(*) FROM ", table));
  }
  // The report `seq` of each of so many devices.
  void Commit(int devices, std::uint64_t seq = 1) {
    for (int i = 0; i < devices; ++i) {
      ASSERT_EQ(store_->Commit(ReportOf(absl::StrCat("pump-", i), seq)), OkStatus());
    }
  }
  // So many devices, each with so many reports.
  void ExpectEachOnce(std::size_t devices, std::size_t reports = 1) {
    const auto snapshot = store_->Load();
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_EQ(snapshot->devices.size(), devices);
    EXPECT_EQ(snapshot->rollout_devices.size(), devices);
    EXPECT_EQ(Count("reports"), absl::StrCat(devices * reports));
    EXPECT_EQ(Count("journal"), "0");
  }
  fs::path file() const { return folder_.path() / "fleet.db"; }

  TempDir folder_;
  std::unique_ptr<SociFleetStore> store_;
};

TEST_F(SqliteJournal, TakesRowsOfReportsInPlaceOfTheirTables) {
  Commit(3);
  EXPECT_EQ(Count("journal"), "3");
  for (const char* table : {"devices", "reports", "rollout_devices"}) {
    EXPECT_EQ(Count(table), "0") << table;
  }
  EXPECT_GT(FoldWhole(), 0);
  ExpectEachOnce(3);
}

TEST_F(SqliteJournal, IsFoldedWhenItIsReopened) {
  Commit(3);
  Open();
  EXPECT_EQ(Count("journal"), "3");
  ExpectEachOnce(3);
}

TEST_F(SqliteJournal, LosesAndDoublesNothingInACrashAtAnyPointOfAFold) {
  constexpr int kDevices = 20;
  for (std::uint64_t calls = 0; calls < 6; ++calls) {
    Commit(kDevices, calls + 1);
    for (std::uint64_t i = 0; i < calls; ++i) {
      Fold();
    }
    Crash();
    ExpectEachOnce(kDevices, calls + 1);
    EXPECT_EQ(Ask("SELECT MIN(report_seq) FROM devices"), absl::StrCat(calls + 1));
  }
}

TEST_F(SqliteJournal, IsFoldedInPiecesBetweenWhichCommitsTakePlace) {
  constexpr std::size_t kDevices = 3'000;  // more than one transaction of a fold takes
  FleetChange change;
  for (std::size_t i = 0; i < kDevices; ++i) {
    change.devices.emplace_back().record.set_id(absl::StrCat("pump-", i));
  }
  ASSERT_EQ(store_->Commit(change), OkStatus());
  const auto again = [this](std::uint64_t seq) {
    EXPECT_EQ(store_->Commit(ReportOf("pump-7", seq, "newest")), OkStatus());
  };
  ASSERT_TRUE(Fold().going_on);  // read
  again(1);
  ASSERT_TRUE(Fold().going_on);  // a part is written
  EXPECT_NE(Count("devices"), "0");
  EXPECT_NE(Count("devices"), absl::StrCat(kDevices));
  again(2);
  const FoldState last = Fold();
  EXPECT_FALSE(last.going_on);
  EXPECT_GT(last.size_bytes, 0U) << "what was committed meanwhile";
  EXPECT_EQ(Count("journal"), "2");
  EXPECT_EQ(Count("reports"), "0");
  Crash();
  const auto snapshot = store_->Load();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_EQ(snapshot->devices.size(), kDevices);
  for (const StoredDevice& device : snapshot->devices) {
    if (device.record.id() == "pump-7") {
      EXPECT_EQ(device.report_seq, 2U);
      EXPECT_EQ(device.record.agent_version(), "newest");
    }
  }
  EXPECT_EQ(store_->LastReportSeq("pump-7", 5).value_or(9), 2U);
}

TEST_F(SqliteJournal, KeepsTheNewestOfADeviceThatChangesBeforeAndAfterAFold) {
  for (const std::uint64_t seq : {1U, 2U}) {
    ASSERT_EQ(store_->Commit(ReportOf("pump-1", seq, absl::StrCat("before ", seq))), OkStatus());
  }
  FoldWhole();
  EXPECT_EQ(Ask("SELECT report_seq FROM devices"), "2");
  for (const std::uint64_t seq : {3U, 4U}) {
    ASSERT_EQ(store_->Commit(ReportOf("pump-1", seq, absl::StrCat("after ", seq))), OkStatus());
  }
  Open();
  EXPECT_EQ(store_->Load()->devices.front().record.agent_version(), "after 4");
  EXPECT_EQ(store_->RecentReports("pump-1", 9)->size(), 4U);
}

TEST_F(SqliteJournal, KeepsTheFirstOfTwoReportsWithOneKeyOverFolds) {
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 1, "first")), OkStatus());
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 1, "second")), OkStatus());
  FoldWhole();
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 1, "third")), OkStatus());
  const auto reports = store_->RecentReports("pump-1", 9);
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 1U);
  EXPECT_EQ(reports->front().report.variant(), "first");
  EXPECT_EQ(store_->Load()->devices.front().record.agent_version(), "third");
}

TEST_F(SqliteJournal, IsSeenByEveryReader) {
  Commit(2);
  EXPECT_EQ(store_->LastReportSeq("pump-1", 5).value_or(9), 1U);
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 2)), OkStatus());
  EXPECT_EQ(store_->RecentReports("pump-1", 9)->size(), 2U);
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 3)), OkStatus());
  EXPECT_EQ(store_->PruneReports(FromUnixMillis(1'800'000'000'000), 9).value_or(9), 2U);
  ASSERT_EQ(store_->Commit(ReportOf("pump-2", 1)), OkStatus());
  EXPECT_EQ(store_->Load()->devices.size(), 3U);
}

TEST_F(SqliteJournal, ComesIntoTheTablesOfACopyBesideTheStore) {
  Commit(5);
  FoldWhole();
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 2, "newest")), OkStatus());
  ASSERT_EQ(store_->Commit(ReportOf("pump-9", 1)), OkStatus());
  const fs::path copy = folder_.path() / "copy.db";
  const auto copied =
      CopyFleetStore({{}, file()}, {{}, copy}, [](const std::string&, std::uint64_t) {});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->devices, 6U);
  EXPECT_EQ(copied->rows, 6U + 7U + 6U);
  EXPECT_EQ(Count("journal"), "2") << "nothing of the source is changed";
  store_.reset();
  fs::rename(copy, file());
  Open();
  EXPECT_EQ(Count("journal"), "0");
  EXPECT_EQ(store_->RecentReports("pump-1", 9)->front().report.variant(), "newest");
}

TEST_F(SqliteJournal, IsAFleetWhereACopyShouldGo) {
  Commit(1);
  const TempDir other;
  const fs::path empty = other.path() / "empty.db";
  ASSERT_TRUE(SociFleetStore::Open(std::make_unique<SqliteDialect>(empty)).ok());
  EXPECT_EQ(CopyFleetStore({{}, empty}, {{}, file()}, [](const std::string&, std::uint64_t) {})
                .status()
                .code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(SqliteJournal, StaysWholeWhereTheDiskIsFullAndFoldsWhenThereIsRoom) {
  Open({.max_pages = 240});
  SeededRandom random(1);
  std::string text(300'000, '\0');  // its row and its report are one text in the journal
  for (char& byte : text) {
    byte = static_cast<char>('!' + UniformBelow(random, 90));
  }
  ASSERT_EQ(store_->Commit(ReportOf("pump-1", 1, text)), OkStatus());
  ASSERT_TRUE(Fold().going_on);
  for (int i = 0; i < 2; ++i) {
    const auto full = store_->Fold(0);
    EXPECT_EQ(full.status().code(), StatusCode::kResourceExhausted) << full.status();
    EXPECT_EQ(ReasonNumber(full.status()), v1::FAILURE_REASON_STORAGE_NO_SPACE);
  }
  EXPECT_EQ(Count("journal"), "1");
  EXPECT_EQ(store_->Load().status().code(), StatusCode::kResourceExhausted);
  ASSERT_EQ(store_->Commit(ReportOf("pump-2", 1)), OkStatus());
  Open({.max_pages = 2000});
  ExpectEachOnce(2);
  EXPECT_EQ(store_->RecentReports("pump-1", 1)->front().report.variant(), text);
}

TEST_F(SqliteJournal, OfDamagedBytesIsDataLossAndTakesNothingMore) {
  Commit(2);
  store_.reset();
  Ask("UPDATE journal SET body = substr(body, 1, length(body) - 1) || x'ff' WHERE seq = 2");
  Open();
  const auto loaded = store_->Load();
  EXPECT_EQ(loaded.status().code(), StatusCode::kDataLoss) << loaded.status();
  EXPECT_EQ(ReasonNumber(loaded.status()), v1::FAILURE_REASON_STORAGE_STATE_CORRUPT);
  EXPECT_EQ(store_->Commit(ReportOf("pump-3", 1)).code(), StatusCode::kDataLoss);
  EXPECT_EQ(Count("journal"), "2");
  EXPECT_EQ(Count("devices"), "0");
  EXPECT_EQ(CopyFleetStore({{}, file()}, {{}, folder_.path() / "copy.db"},
                           [](const std::string&, std::uint64_t) {})
                .status()
                .code(),
            StatusCode::kDataLoss);
}

TEST_F(SqliteJournal, IsLeftAloneUntilThereIsEnoughOfIt) {
  Commit(1);
  EXPECT_FALSE(Fold(1'000'000).going_on);
  EXPECT_EQ(Count("journal"), "1");
  EXPECT_GT(Fold(1'000'000).size_bytes, 0U);
  EXPECT_TRUE(Fold(1).going_on);
  while (Fold(1'000'000).going_on) {
  }
  EXPECT_EQ(Count("journal"), "0") << "what began goes on";
}

TEST_F(SqliteJournal, GoesOnWithTheTablesOfASchemaWithoutIt) {
  Commit(2);
  FoldWhole();
  store_.reset();
  Ask("DROP TABLE journal");
  Ask("DROP TABLE report_words");
  Ask("DELETE FROM schema_version WHERE version >= 6");
  Open();
  ASSERT_EQ(store_->Commit(ReportOf("pump-9", 1)), OkStatus());
  Open();
  ExpectEachOnce(3);
}

}  // namespace
}  // namespace flotilla::controller
