// Reports in a SQLite file, whose bodies are packed behind words when they are folded.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <sqlite3.h>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "controller/storage/fleet_copy.h"
#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sqlite_dialect.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDevices = 40;
constexpr std::uint64_t kReports = 10;

std::string Device(std::size_t index) {
  return absl::StrCat("pump-", index);
}

class SqliteReportBodies : public testing::Test {
 protected:
  SqliteReportBodies() { Open(); }

  void Open() {
    store_.reset();
    auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(file()));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  static v1::UpdateReport Report(std::uint64_t boot, std::uint64_t seq) {
    SeededRandom random(boot);  // one release each
    std::string digest(32, '\0');
    for (char& byte : digest) {
      byte = static_cast<char>(UniformBelow(random, 256));
    }
    v1::UpdateReport report;
    report.set_boot_epoch(boot);
    report.set_seq(seq);
    report.mutable_release()->set_line("assistant");
    report.mutable_release()->set_sha256(digest);
    report.set_previous_sha256(std::string(digest.rbegin(), digest.rend()));
    report.set_rollout_id(absl::StrCat("assistant-", boot));
    return report;
  }
  // kReports of each device, of one outbox each, and their fold.
  void WriteAll(std::uint64_t boot) {
    FleetChange change;
    for (std::size_t i = 0; i < kDevices; ++i) {
      for (std::uint64_t seq = 1; seq <= kReports; ++seq) {
        StoredReport& row = change.reports.emplace_back();
        row.device_id = Device(i);
        row.report = Report(boot, seq);
        row.received_at =
            FromUnixMillis(1'700'000'000'000 + static_cast<std::int64_t>(boot * 1'000 + seq));
      }
    }
    ASSERT_EQ(store_->Commit(change), OkStatus());
    ASSERT_TRUE(store_->Load().ok());
  }
  // Of the newest outbox first.
  void ExpectAll(std::uint64_t first_boot, std::uint64_t last_boot) {
    for (std::size_t i = 0; i < kDevices; ++i) {
      const auto rows = store_->RecentReports(Device(i), 1'000);
      ASSERT_TRUE(rows.ok()) << rows.status();
      ASSERT_EQ(rows->size(), (last_boot - first_boot + 1) * kReports);
      std::size_t at = 0;
      for (std::uint64_t boot = last_boot; boot >= first_boot; --boot) {
        for (std::uint64_t seq = kReports; seq >= 1; --seq) {
          EXPECT_EQ((*rows)[at++].report.SerializeAsString(),
                    Report(boot, seq).SerializeAsString());
        }
      }
    }
  }
  int Number(const std::string& sql) const {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open(file().c_str(), &handle), SQLITE_OK);
    int answer = -1;
    const auto take = [](void* to, int /*columns*/, char** values, char** /*names*/) {
      *static_cast<int*>(to) = values[0] == nullptr ? -1 : std::stoi(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), take, &answer, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    return answer;
  }
  int Words() const { return Number("SELECT COUNT(*) FROM report_words"); }
  fs::path file() const { return folder_.path() / "fleet.db"; }

  TempDir folder_;
  std::unique_ptr<SociFleetStore> store_;
};

TEST_F(SqliteReportBodies, AreAFractionOfWhatTheySayAndAreReadAsTheyCame) {
  WriteAll(1);
  const auto plain = static_cast<int>(Report(1, 1).ByteSizeLong() * kDevices * kReports);
  EXPECT_LT(Number("SELECT SUM(LENGTH(body)) FROM reports"), plain / 4);
  EXPECT_EQ(Words(), 1);
  ExpectAll(1, 1);
  Open();
  ExpectAll(1, 1);
}

TEST_F(SqliteReportBodies, GetNewWordsWhereTheOldOnesSayNothingOfThemAndKeepBoth) {
  WriteAll(1);
  WriteAll(2);
  EXPECT_EQ(Words(), 2);
  FleetChange change;  // says what others said before it
  StoredReport& row = change.reports.emplace_back();
  row.device_id = "pump-new";
  row.report = Report(2, 77);
  row.received_at = FromUnixMillis(1'700'000'009'000);
  ASSERT_EQ(store_->Commit(change), OkStatus());
  EXPECT_EQ(store_->RecentReports("pump-new", 1)->front().report.seq(), 77U);
  EXPECT_EQ(Words(), 2);
  EXPECT_LT(Number("SELECT LENGTH(body) FROM reports WHERE device_id = 'pump-new'"), 40);
  ExpectAll(1, 2);
}

TEST_F(SqliteReportBodies, AreWholeInACopy) {
  WriteAll(1);
  WriteAll(2);
  const fs::path copy = folder_.path() / "copy.db";
  ASSERT_TRUE(
      CopyFleetStore({{}, file()}, {{}, copy}, [](const std::string&, std::uint64_t) {}).ok());
  store_.reset();
  fs::rename(copy, file());
  EXPECT_EQ(Words(), 0);
  Open();
  ExpectAll(1, 2);
  WriteAll(3);
  ExpectAll(1, 3);
}

TEST_F(SqliteReportBodies, LeaveNoWordsBehindWhenTheyAreRemovedForTheirAge) {
  WriteAll(1);
  ExpectAll(1, 1);
  WriteAll(2);
  const auto prune = [this](std::int64_t before, std::size_t limit) {
    return store_->PruneReports(FromUnixMillis(1'700'000'000'000 + before), limit).value_or(9'999);
  };
  EXPECT_EQ(prune(1'005, 1'000), kDevices * 4) << "of the first outbox, by its first words";
  EXPECT_EQ(Words(), 2) << "others need them";
  EXPECT_EQ(prune(1'500, 1'000), kDevices * 5);
  EXPECT_EQ(Words(), 1) << "the newest of each outbox is kept, without words";
  EXPECT_EQ(prune(3'000, 1'000), kDevices * 9);
  EXPECT_EQ(Words(), 0);
  for (std::size_t i = 0; i < kDevices; ++i) {
    const auto rows = store_->RecentReports(Device(i), 9);
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->size(), 2U);
    EXPECT_EQ((*rows)[0].report.SerializeAsString(), Report(2, kReports).SerializeAsString());
    EXPECT_EQ((*rows)[1].report.SerializeAsString(), Report(1, kReports).SerializeAsString());
  }
  WriteAll(3);  // new words with an old number
  EXPECT_EQ(store_->RecentReports("pump-3", 1)->front().report.SerializeAsString(),
            Report(3, kReports).SerializeAsString());
}

TEST_F(SqliteReportBodies, AreUnpackedInBatchesBeforeTheirWordsGo) {
  WriteAll(1);
  const Time all = FromUnixMillis(1'800'000'000'000);
  EXPECT_EQ(store_->PruneReports(all, kDevices * 9).value_or(0), kDevices * 9);
  const std::string packed = "SELECT COUNT(*) FROM reports WHERE substr(body, 1, 1) = x'77'";
  EXPECT_EQ(Number(packed), static_cast<int>(kDevices));
  EXPECT_EQ(store_->PruneReports(all, kDevices - 1).value_or(9), 0U);
  EXPECT_EQ(Number(packed), 1);
  EXPECT_EQ(Words(), 1);
  EXPECT_EQ(store_->PruneReports(all, kDevices - 1).value_or(9), 0U);
  EXPECT_EQ(Number(packed), 0);
  EXPECT_EQ(Words(), 0);
}

TEST_F(SqliteReportBodies, OfDamagedOrMissingWordsAreDataLoss) {
  WriteAll(1);
  EXPECT_EQ(Number("UPDATE report_words SET body = substr(body, 1, length(body) - 1) || x'ff' "
                   "RETURNING id"),
            1);
  EXPECT_EQ(store_->RecentReports("pump-1", 9).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(CopyFleetStore({{}, file()}, {{}, folder_.path() / "copy.db"},
                           [](const std::string&, std::uint64_t) {})
                .status()
                .code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(Number("DELETE FROM report_words RETURNING id"), 1);
  EXPECT_EQ(store_->RecentReports("pump-1", 9).status().code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace flotilla::controller
