// Databases as they lie on a disk: made by an older program, and changed by a hand that is not
// ours.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "controller/fleet/audit_check.h"
#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sqlite_dialect.h"
#include "security/audit/audit_chain.h"
#include "tests/support/fake_executor.h"
#include "tests/support/held_commit_queue.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

// A database through SQLite's own interface.
class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The first column of the first row.
  int Number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_);
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << sqlite3_errmsg(handle_);
    const int value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }
  void Run(const std::string& sql, const std::string& blob = {}) {
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle_);
    if (!blob.empty()) {
      sqlite3_bind_blob(statement, 1, blob.data(), static_cast<int>(blob.size()), nullptr);
    }
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(handle_);
    sqlite3_finalize(statement);
  }

 private:
  sqlite3* handle_ = nullptr;
};

v1::AuditEntry Entry(std::uint64_t seq) {
  v1::AuditEntry entry;
  entry.set_seq(seq);
  entry.set_actor("operator:alice");
  entry.set_action("token.create");
  entry.set_detail("entry " + std::to_string(seq));
  return entry;
}

std::string BodyOf(const v1::AuditEntry& entry) {
  return "p" + entry.SerializeAsString();
}

class StoredLog : public testing::Test {
 protected:
  std::filesystem::path File() const { return folder_.path() / "fleet.db"; }
  std::unique_ptr<SociFleetStore> Open() const {
    auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(File()));
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  // A log of `length` entries that the fleet wrote.
  void Write(int length) {
    const auto store = Open();
    FakeExecutor loop;
    HeldCommitQueue commits(*store, loop);
    Fleet fleet({}, *store->Load(), commits, loop, loop, [](const Status&) {});
    for (int i = 1; i <= length; ++i) {
      FleetChange change;
      change.audit.push_back(Entry(0));
      fleet.Apply(std::move(change), nullptr);
    }
    loop.RunReady();
    commits.Flush();
  }
  // What the controller finds when it recomputes what is stored.
  AuditCheck Check() const {
    const auto store = Open();
    FakeExecutor loop;
    HeldCommitQueue commits(*store, loop);
    Fleet fleet({}, *store->Load(), commits, loop, loop, [](const Status&) {});
    AuditCheck found;
    found.verdict = Internal("no answer");
    CheckAuditLog(fleet, [&](const AuditCheck& check) { found = check; });
    do {
      loop.RunReady();
    } while (commits.Flush() > 0);
    loop.RunReady();
    return found;
  }
  void ExpectBroken(const std::string& where) const {
    const AuditCheck found = Check();
    EXPECT_EQ(found.verdict.code(), StatusCode::kDataLoss);
    EXPECT_NE(MessageOf(found.verdict).find(where), std::string::npos) << found.verdict;
  }
  v1::AuditEntry Stored(std::uint64_t seq) const {
    return Open()->AuditAfter(seq - 1, 1).value().front();
  }
  void Put(std::uint64_t seq, const v1::AuditEntry& entry) const {
    Database(File()).Run("UPDATE audit SET body = ?1 WHERE seq = " + std::to_string(seq),
                         BodyOf(entry));
  }

  TempDir folder_;
};

TEST_F(StoredLog, IsSoundAsTheFleetWroteIt) {
  Write(2500);
  const AuditCheck found = Check();
  EXPECT_TRUE(found.verdict.ok()) << found.verdict;
  EXPECT_EQ(found.entries, 2500U);
}

TEST_F(StoredLog, ShowsAnEditAtItsSeq) {
  Write(20);
  v1::AuditEntry entry = Stored(7);
  entry.set_actor("operator:mallory");
  Put(7, entry);
  ExpectBroken("at seq 7: its fields do not give its hash");
}

TEST_F(StoredLog, ShowsAnEditWithAFittingHashBehindIt) {
  Write(20);
  v1::AuditEntry entry = Stored(7);
  entry.set_detail("nothing");
  const Digest before = Digest::FromBytes(AsBytes(Stored(6).hash())).value();
  entry.set_hash(ToText(security::AuditHash(entry, before).bytes()));
  Put(7, entry);
  ExpectBroken("at seq 8");
}

TEST_F(StoredLog, ShowsADeletion) {
  Write(20);
  Database(File()).Run("DELETE FROM audit WHERE seq = 7");
  ExpectBroken("at seq 7: entries are missing");
}

TEST_F(StoredLog, ShowsADeletionThatWasRenumbered) {
  Write(20);
  Database(File()).Run("DELETE FROM audit WHERE seq = 7");
  for (std::uint64_t seq = 8; seq <= 20; ++seq) {
    v1::AuditEntry entry = Stored(seq);
    entry.set_seq(seq - 1);
    Put(seq, entry);
    Database(File()).Run("UPDATE audit SET seq = seq - 1 WHERE seq = " + std::to_string(seq));
  }
  ExpectBroken("at seq 7");
}

TEST_F(StoredLog, ShowsEntriesThatChangedPlaces) {
  Write(20);
  const v1::AuditEntry seventh = Stored(7);
  const v1::AuditEntry eighth = Stored(8);
  Put(7, eighth);
  Put(8, seventh);
  ExpectBroken("at seq 7");
}

TEST_F(StoredLog, ShowsAMissingBeginning) {
  Write(20);
  Database(File()).Run("DELETE FROM audit WHERE seq <= 5");
  ExpectBroken("at seq 1: entries are missing");
}

TEST_F(StoredLog, OfASchemaWithoutAChainIsChainedWhenItIsOpened) {
  {
    Database old(File());
    for (const char* table :
         {"devices (id VARCHAR(128) PRIMARY KEY, boot_epoch BIGINT NOT NULL, report_seq BIGINT NOT "
          "NULL, session_epoch BIGINT NOT NULL, desired_digest VARCHAR(64) NOT NULL, public_key "
          "VARCHAR(64) NOT NULL, certificate_issued_at BIGINT NOT NULL, token_id VARCHAR(64) NOT "
          "NULL, body BLOB NOT NULL)",
          "reports (device_id VARCHAR(128) NOT NULL, boot_epoch BIGINT NOT NULL, seq BIGINT NOT "
          "NULL, received_at BIGINT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (device_id, "
          "boot_epoch, seq))",
          "rollouts (id VARCHAR(128) PRIMARY KEY, body BLOB NOT NULL)",
          "rollout_devices (rollout_id VARCHAR(128) NOT NULL, device_id VARCHAR(128) NOT NULL, "
          "body BLOB NOT NULL, PRIMARY KEY (rollout_id, device_id))",
          "baselines (line VARCHAR(128) PRIMARY KEY, selector TEXT NOT NULL, rollout_id "
          "VARCHAR(128) NOT NULL, body BLOB NOT NULL)",
          "releases (line VARCHAR(128) NOT NULL, version VARCHAR(64) NOT NULL, body BLOB NOT NULL, "
          "PRIMARY KEY (line, version))",
          "tokens (id VARCHAR(64) PRIMARY KEY, secret_sha256 VARCHAR(64) NOT NULL, body BLOB NOT "
          "NULL)",
          "revocations (serial VARCHAR(64) PRIMARY KEY, subject VARCHAR(256) NOT NULL, revoked_at "
          "BIGINT NOT NULL)",
          "audit (seq BIGINT PRIMARY KEY, body BLOB NOT NULL)",
          "schema_version (version INTEGER NOT NULL)"}) {
      old.Run(std::string("CREATE TABLE ") + table);
    }
    old.Run("INSERT INTO schema_version (version) VALUES (1)");
    for (std::uint64_t seq = 1; seq <= 1200; ++seq) {
      old.Run("INSERT INTO audit (seq, body) VALUES (" + std::to_string(seq) + ", ?1)",
              BodyOf(Entry(seq)));
    }
  }
  const AuditCheck found = Check();
  EXPECT_TRUE(found.verdict.ok()) << found.verdict;
  EXPECT_EQ(found.entries, 1200U);
  EXPECT_EQ(Stored(600).detail(), "entry 600");
  const std::string site = Open()->Load()->site_id;
  EXPECT_EQ(site.size(), 32U);
  EXPECT_EQ(Open()->Load()->site_id, site) << "made once";
  Write(1);
  EXPECT_TRUE(Check().verdict.ok());
  EXPECT_EQ(Check().entries, 1201U);
}

TEST_F(StoredLog, OfANewerSchemaIsLeftAlone) {
  Write(1);
  Database(File()).Run("INSERT INTO schema_version (version) VALUES (99)");
  const auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(File()));
  EXPECT_EQ(opened.status().code(), StatusCode::kFailedPrecondition) << opened.status();
}

TEST_F(StoredLog, LosesTheIndexThatEveryFoldWouldWriteAndFindsTheNewestReportsWithoutIt) {
  const std::string indexes = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'reports_by_time'";
  Write(1);
  EXPECT_EQ(Database(File()).Number(indexes), 0) << "of a new file";
  Database(File()).Run("CREATE INDEX reports_by_time ON reports (device_id, received_at)");
  const auto store = Open();
  EXPECT_EQ(Database(File()).Number(indexes), 0) << "of an older program's";
  FleetChange change;
  for (std::uint64_t boot = 1; boot <= 9; ++boot) {  // neither first nor last by the key
    StoredReport& row = change.reports.emplace_back();
    row.device_id = "pump-1";
    row.report.set_boot_epoch(boot);
    row.report.set_seq(1);
    row.received_at = FromUnixMillis(1'700'000'000'000 + static_cast<std::int64_t>(boot * 5 % 9));
  }
  ASSERT_EQ(store->Commit(change), OkStatus());
  const auto newest = store->RecentReports("pump-1", 2);
  ASSERT_EQ(newest->size(), 2U);
  EXPECT_EQ((*newest)[0].report.boot_epoch(), 7U);
  EXPECT_EQ((*newest)[1].report.boot_epoch(), 5U);
}

TEST_F(StoredLog, HasSmallPagesInANewFileAndKeepsThoseOfAnOldOne) {
  Write(1);
  EXPECT_EQ(Database(File()).Number("PRAGMA page_size"), 2048);
  std::filesystem::remove(File());
  {
    Database old(File());
    old.Run("PRAGMA page_size=4096");
    old.Run("CREATE TABLE schema_version (version INTEGER NOT NULL)");
  }
  Write(1);
  EXPECT_EQ(Database(File()).Number("PRAGMA page_size"), 4096);
  EXPECT_TRUE(Check().verdict.ok());
}

TEST_F(StoredLog, OfASchemaWithPlainReportsKeepsThemAndPrunesTheOldestFirst) {
  const auto received = [](std::uint64_t seq) {  // in minutes other than the order of the key
    constexpr std::int64_t kStart = 1'700'000'040'000;
    const std::int64_t after[] = {200'000, 5'000, 2'000, 61'000, 400'000};
    return kStart + after[seq - 1];
  };
  Write(1);
  {
    Database old(File());
    old.Run("DROP TABLE report_words");
    old.Run("DROP INDEX reports_by_minute");
    old.Run("CREATE INDEX reports_by_age ON reports (received_at)");
    old.Run("DELETE FROM schema_version WHERE version >= 7");
    for (std::uint64_t seq = 1; seq <= 5; ++seq) {
      v1::UpdateReport report;
      report.set_boot_epoch(5);
      report.set_seq(seq);
      old.Run("INSERT INTO reports VALUES ('pump-1', 5, " + std::to_string(seq) + ", " +
                  std::to_string(received(seq)) + ", ?1)",
              "p" + report.SerializeAsString());
    }
  }
  const auto store = Open();
  const std::string index = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'reports_by_";
  EXPECT_EQ(Database(File()).Number(index + "age'"), 0);
  EXPECT_EQ(Database(File()).Number(index + "minute'"), 1);
  const auto left = [&] {
    const std::vector<StoredReport> rows = store->RecentReports("pump-1", 9).value();
    std::string seqs;
    for (const StoredReport& row : rows) {
      seqs += std::to_string(row.report.seq());
    }
    return seqs;
  };
  EXPECT_EQ(left(), "51423");
  EXPECT_EQ(store->PruneReports(FromUnixMillis(received(2)), 9).value_or(9), 1U);
  EXPECT_EQ(left(), "5142");
  const Time all = FromUnixMillis(received(5) + 1);
  EXPECT_EQ(store->PruneReports(all, 2).value_or(9), 2U);
  EXPECT_EQ(left(), "51");
  EXPECT_EQ(store->PruneReports(all, 9).value_or(9), 1U);
  EXPECT_EQ(left(), "5") << "never the newest of an outbox";
}

TEST_F(StoredLog, HasAnotherSiteIdInEveryDatabase) {
  const std::string first = Open()->Load()->site_id;
  const TempDir other;
  auto store = SociFleetStore::Open(std::make_unique<SqliteDialect>(other.path() / "fleet.db"));
  ASSERT_TRUE(store.ok());
  EXPECT_NE((*store)->Load()->site_id, first);
}

}  // namespace
}  // namespace flotilla::controller
