// The stores that need no server, and what SQLite does when its disk or its neighbours fail it.

#include <memory>
#include <string>

#include <sqlite3.h>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "controller/storage/soci_fleet_store.h"
#include "controller/storage/sqlite_dialect.h"
#include "tests/contract/fleet_store_contract.h"
#include "tests/support/memory_fleet_store.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

class MemorySubject final : public StoreSubject {
 public:
  FleetStore& store() override { return store_; }
  void Reopen() override {}

 private:
  MemoryFleetStore store_;
};

class SqliteSubject final : public StoreSubject {
 public:
  explicit SqliteSubject(SqliteOptions options = {}) : options_(options) { Reopen(); }
  FleetStore& store() override { return *store_; }
  void Reopen() override {
    store_.reset();
    auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(file(), options_));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  std::filesystem::path file() const { return folder_.path() / "fleet.db"; }

 private:
  const SqliteOptions options_;
  TempDir folder_;
  std::unique_ptr<SociFleetStore> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Stores, FleetStoreContract,
    testing::Values(StoreKind{"memory", [] { return std::make_unique<MemorySubject>(); }},
                    StoreKind{"sqlite", [] { return std::make_unique<SqliteSubject>(); }}),
    NameOf);

// What is written of it is no smaller.
FleetChange DeviceOfSize(const std::string& id, std::size_t bytes) {
  FleetChange change;
  StoredDevice& device = change.devices.emplace_back();
  device.record.set_id(id);
  SeededRandom random(1);
  std::string text(bytes, '\0');
  for (char& byte : text) {
    byte = static_cast<char>('!' + UniformBelow(random, 90));
  }
  device.record.set_agent_version(text);
  return change;
}

TEST(SociFleetStore, RefusesAFileThatIsNoDatabase) {
  const TempDir folder;
  const auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(folder.path()));
  EXPECT_EQ(opened.status().code(), StatusCode::kFailedPrecondition) << opened.status();
}

TEST(SqliteStore, SaysThatItIsFullAndGoesOnWhenThereIsRoom) {
  SqliteSubject subject({.max_pages = 200});
  ASSERT_EQ(subject.store().Commit(DeviceOfSize("pump-01", 1000)), OkStatus());
  const Status full = subject.store().Commit(DeviceOfSize("pump-02", 2'000'000));
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted) << full;
  EXPECT_EQ(ReasonNumber(full), v1::FAILURE_REASON_STORAGE_NO_SPACE);
  EXPECT_EQ(subject.store().Load()->devices.size(), 1U);
  ASSERT_EQ(subject.store().Commit(DeviceOfSize("pump-02", 1000)), OkStatus());
  subject.Reopen();
  EXPECT_EQ(subject.store().Load()->devices.size(), 2U);
}

TEST(SqliteStore, SaysThatAnotherProcessHoldsTheFile) {
  SqliteSubject subject({.busy_seconds = 0});
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(subject.file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const Status locked = subject.store().Commit(DeviceOfSize("pump-01", 1));
  EXPECT_EQ(locked.code(), StatusCode::kUnavailable) << locked;
  EXPECT_EQ(ReasonNumber(locked), v1::FAILURE_REASON_STORAGE_LOCKED);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(subject.store().Commit(DeviceOfSize("pump-01", 1)), OkStatus());
  EXPECT_EQ(subject.store().Load()->devices.size(), 1U);
}

TEST(SqliteStore, SaysWhichTableIsNotThatOfItsSchema) {
  SqliteSubject subject;
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(subject.file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "ALTER TABLE tokens DROP COLUMN secret_sha256", nullptr, nullptr,
                         nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  const auto opened = SociFleetStore::Open(std::make_unique<SqliteDialect>(subject.file()));
  EXPECT_EQ(opened.status().code(), StatusCode::kDataLoss) << opened.status();
  EXPECT_EQ(ReasonNumber(opened.status()), v1::FAILURE_REASON_STORAGE_SCHEMA);
  EXPECT_NE(MessageOf(opened.status()).find("tokens"), std::string::npos);
}

}  // namespace
}  // namespace flotilla::controller
