// The store on a PostgreSQL server, and every way in which one fails a controller.

#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"
#include "flotilla/v1/failure_reason.pb.h"

#include "tests/contract/postgres_store_subject.h"

namespace flotilla::controller {
namespace {

INSTANTIATE_TEST_SUITE_P(Postgres, FleetStoreContract,
                         testing::Values(StoreKind{"postgres", MakePostgresSubject}), NameOf);

class PostgresStore : public testing::Test {
 protected:
  PostgresStore() : subject_(MakePostgresSubject()) {}
  void SetUp() override {
    if (subject_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: PostgreSQL";
    }
  }
  FleetStore& store() { return subject_->store(); }
  std::string Run(const std::string& sql) { return subject_->Run(sql); }
  // Ends every session of a store, and waits until the server has.
  void EndSessions() {
    Run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = "
        "'flotilla-controller'");
  }
  // From now on writing a device fails with `sqlstate`, `times` times.
  void FailDevices(const std::string& sqlstate, int times) {
    Run(absl::StrCat(
        "CREATE SEQUENCE tries; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF nextval('tries') <= ",
        times, " THEN RAISE EXCEPTION 'refused' USING ERRCODE = '", sqlstate,
        "'; END IF; RETURN NEW; END $$; CREATE TRIGGER refuse BEFORE INSERT ON devices FOR EACH "
        "STATEMENT EXECUTE FUNCTION refuse()"));
  }
  std::unique_ptr<PostgresSubject> subject_;
};

FleetChange DeviceChange(const std::string& id) {
  FleetChange change;
  change.devices.emplace_back().record.set_id(id);
  return change;
}

void ExpectError(const Status& status, StatusCode code, v1::FailureReason reason) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(ReasonNumber(status), reason) << status;
}

TEST_F(PostgresStore, CommitsAreDurableWhateverTheServersDefaultIs) {
  Run(absl::StrCat("ALTER DATABASE ", subject_->database(), " SET synchronous_commit = off"));
  // What a transaction of the store runs with is written down by a trigger.
  Run("CREATE TABLE seen (setting TEXT); CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END "
      "$$; CREATE TRIGGER see BEFORE INSERT ON devices FOR EACH STATEMENT EXECUTE FUNCTION see()");
  subject_->Reopen();
  ASSERT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
  EXPECT_EQ(Run("SELECT setting FROM seen"), "on");
}

TEST_F(PostgresStore, TriesASerializationFailureAgain) {
  FailDevices("40001", 3);
  ASSERT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
  EXPECT_EQ(Run("SELECT last_value FROM tries"), "4");
}

TEST_F(PostgresStore, GivesUpAfterFiveConflictsAndTheSameCallMaySucceedLater) {
  FailDevices("40P01", 5);
  ExpectError(store().Commit(DeviceChange("pump-01")), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_CONFLICT);
  EXPECT_EQ(Run("SELECT last_value FROM tries"), "5");
  EXPECT_TRUE(store().Load()->devices.empty());
  EXPECT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
}

TEST_F(PostgresStore, TwoReplicasThatWriteTheSameRowsNeverDeadlock) {
  const auto write = [this](bool backwards) {
    auto own = OpenPostgres(subject_->cluster().Address(subject_->database()));
    ASSERT_TRUE(own.ok()) << own.status();
    for (int round = 0; round < 40; ++round) {
      FleetChange change;
      for (int i = 0; i < 100; ++i) {
        change.devices.emplace_back().record.set_id(
            absl::StrCat("pump-", backwards ? 100 - i : i + 1));
      }
      ASSERT_EQ((*own)->Commit(change), OkStatus());
    }
  };
  std::thread other([&] { write(true); });
  write(false);
  other.join();
  EXPECT_EQ(Run(absl::StrCat("SELECT deadlocks FROM pg_stat_database WHERE datname = '",
                             subject_->database(), "'")),
            "0");
}

TEST_F(PostgresStore, SaysThatTheServersDiskIsFull) {
  FailDevices("53100", 1);
  ExpectError(store().Commit(DeviceChange("pump-01")), StatusCode::kResourceExhausted,
              v1::FAILURE_REASON_STORAGE_NO_SPACE);
  EXPECT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
}

// A file system in memory, gone with this object.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path folder)
      : folder_(std::move(folder)),
        mounted_(std::filesystem::create_directory(folder_) &&
                 ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m") == 0) {}
  ~SmallDisk() {
    if (mounted_) {
      ::umount2(folder_.c_str(), MNT_DETACH);
    }
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  const std::filesystem::path folder_;
  bool mounted_ = false;
};

// Five megabytes that do not shrink.
FleetChange BigChange() {
  std::mt19937 random(7);
  FleetChange change;
  for (int i = 0; i < 2500; ++i) {
    StoredDevice& device = change.devices.emplace_back();
    device.record.set_id(absl::StrCat("pump-", i));
    while (device.token_id.size() < 2000) {
      absl::StrAppend(&device.token_id, absl::Hex(random()));
    }
  }
  return change;
}

// The tables alone lie on the small disk: a server whose own log has no room ends.
TEST_F(PostgresStore, ADiskThatIsReallyFullRefusesTheChangeAndTakesItOnceThereIsRoom) {
  const SmallDisk disk(subject_->cluster().folder() / "disk");
  if (!disk.mounted()) {
    GTEST_SKIP() << "NOT RUN: this process may not mount a file system of its own (root may, "
                    "outside of most containers)";
  }
  const std::filesystem::path space = disk.folder() / "space";
  std::filesystem::create_directory(space);
  subject_->cluster().Own(space);
  Run(absl::StrCat("CREATE TABLESPACE small LOCATION '", space.string(), "'"));
  Run("ALTER TABLE devices SET TABLESPACE small");
  const FleetChange big = BigChange();
  ExpectError(store().Commit(big), StatusCode::kResourceExhausted,
              v1::FAILURE_REASON_STORAGE_NO_SPACE);
  EXPECT_TRUE(store().Load()->devices.empty());
  EXPECT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
  Run("ALTER TABLE devices SET TABLESPACE pg_default");
  Run("DROP TABLESPACE small");
  EXPECT_EQ(store().Commit(big), OkStatus());
}

TEST_F(PostgresStore, SaysThatTheServerIsReadOnlyAndFindsItAgainWhenItIsNot) {
  const std::string name = subject_->database();
  Run(absl::StrCat("ALTER DATABASE ", name, " SET default_transaction_read_only = on"));
  EndSessions();
  ExpectError(store().Commit(DeviceChange("pump-01")), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_READ_ONLY);
  subject_->cluster().Run(
      "postgres", absl::StrCat("ALTER DATABASE ", name, " RESET default_transaction_read_only"));
  EXPECT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
}

TEST_F(PostgresStore, GoesOnAfterTheServerWasRestartedBetweenTwoCommits) {
  ASSERT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
  subject_->cluster().Stop();
  ASSERT_EQ(subject_->cluster().Boot(), OkStatus());
  ASSERT_EQ(store().Commit(DeviceChange("pump-02")), OkStatus());
  EXPECT_EQ(store().Load()->devices.size(), 2U);
}

TEST_F(PostgresStore, SaysThatTheServerIsGoneAndReadsAndWritesOnceItIsBack) {
  ASSERT_EQ(store().Commit(DeviceChange("pump-01")), OkStatus());
  subject_->cluster().Crash();
  ExpectError(store().Commit(DeviceChange("pump-02")), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_DATABASE_GONE);
  ExpectError(store().Load().status(), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_DATABASE_GONE);
  ExpectError(OpenPostgres(subject_->cluster().Address(subject_->database())).status(),
              StatusCode::kUnavailable, v1::FAILURE_REASON_STORAGE_DATABASE_GONE);
  ASSERT_EQ(subject_->cluster().Boot(), OkStatus());
  EXPECT_EQ(store().Load()->devices.size(), 1U);
  EXPECT_EQ(store().Commit(DeviceChange("pump-02")), OkStatus());
}

TEST_F(PostgresStore, ManyReplicasThatStartAtOnceMakeTheTablesOnce) {
  const std::string address = subject_->cluster().Address(subject_->cluster().NewDatabase());
  std::vector<std::string> sites(6);
  std::vector<std::thread> replicas;
  replicas.reserve(sites.size());
  for (std::string& site : sites) {
    replicas.emplace_back([&address, &site] {
      const auto store = OpenPostgres(address);
      site = store.ok() ? (*store)->Load()->site_id : store.status().ToString();
    });
  }
  for (std::thread& replica : replicas) {
    replica.join();
  }
  EXPECT_EQ(sites.front().size(), 32U) << sites.front();
  EXPECT_EQ(sites, std::vector<std::string>(6, sites.front()));
}

TEST_F(PostgresStore, ASecondSoleOwnerIsRefusedUntilTheFirstIsGone) {
  const std::string address = subject_->cluster().Address(subject_->database());
  auto first = OpenPostgres(address, StoreOwnership::kSole);
  ASSERT_TRUE(first.ok()) << first.status();
  ExpectError(OpenPostgres(address, StoreOwnership::kSole).status(), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_LOCKED);
  first->reset();
  auto second = OpenPostgres(address, StoreOwnership::kSole);
  // The server ends a session some time after its client has gone.
  for (int i = 0; !second.ok() && i < 1000; ++i) {
    second = OpenPostgres(address, StoreOwnership::kSole);
  }
  EXPECT_TRUE(second.ok()) << second.status();
}

TEST_F(PostgresStore, AnOwnerThatLostItsConnectionGoesOnWhenNobodyTookOver) {
  const std::string address = subject_->cluster().Address(subject_->database());
  auto owner = OpenPostgres(address, StoreOwnership::kSole);
  ASSERT_TRUE(owner.ok()) << owner.status();
  EndSessions();
  EXPECT_EQ((*owner)->Commit(DeviceChange("pump-01")), OkStatus());
}

TEST_F(PostgresStore, AnOwnerThatWasReplacedWritesNothingMore) {
  const std::string address = subject_->cluster().Address(subject_->database());
  auto first = OpenPostgres(address, StoreOwnership::kSole);
  ASSERT_TRUE(first.ok()) << first.status();
  EndSessions();
  auto second = OpenPostgres(address, StoreOwnership::kSole);
  ASSERT_TRUE(second.ok()) << second.status();
  ExpectError((*first)->Commit(DeviceChange("old")), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_LOCKED);
  ASSERT_EQ((*second)->Commit(DeviceChange("new")), OkStatus());
  EndSessions();
  const Status replaced = (*first)->Commit(DeviceChange("old"));
  EXPECT_EQ(replaced.code(), StatusCode::kFailedPrecondition) << replaced;
  EXPECT_EQ(store().Load()->devices.size(), 1U);
}

TEST_F(PostgresStore, LeavesTablesOfANewerProgramAlone) {
  Run("INSERT INTO schema_version VALUES (99)");
  ExpectError(OpenPostgres(subject_->cluster().Address(subject_->database())).status(),
              StatusCode::kFailedPrecondition, v1::FAILURE_REASON_STORAGE_SCHEMA);
}

TEST_F(PostgresStore, SaysWhichTableIsNotThatOfItsSchema) {
  Run("ALTER TABLE tokens DROP COLUMN secret_sha256");
  const Status status = OpenPostgres(subject_->cluster().Address(subject_->database())).status();
  ExpectError(status, StatusCode::kDataLoss, v1::FAILURE_REASON_STORAGE_SCHEMA);
  EXPECT_NE(MessageOf(status).find("tokens"), std::string::npos);
}

TEST_F(PostgresStore, SaysThatATableIsGone) {
  Run("DROP TABLE devices");
  ExpectError(store().Commit(DeviceChange("pump-01")), StatusCode::kDataLoss,
              v1::FAILURE_REASON_STORAGE_SCHEMA);
}

// Roles are the cluster's: one of these tests at a time makes it.
class GuardedPostgresStore : public PostgresStore {
 protected:
  void SetUp() override {
    PostgresStore::SetUp();
    if (subject_ != nullptr) {
      Run("CREATE ROLE guarded LOGIN PASSWORD 'right'");
    }
  }
  void TearDown() override {
    if (subject_ != nullptr) {
      Run("DROP OWNED BY guarded CASCADE; DROP ROLE guarded");
    }
  }
  // Opens the store as the guarded user with this password.
  StatusOr<std::unique_ptr<SociFleetStore>> OpenWith(const std::string& password) {
    const std::filesystem::path file = folder_.path() / "password";
    std::ofstream(file) << "*:*:*:*:" << password << "\n";
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return OpenPostgres(absl::StrCat("postgresql:///", subject_->database(), "?user=guarded&host=",
                                     DataFolder(), "&passfile=", file.string()));
  }
  std::string DataFolder() const { return (subject_->cluster().folder() / "data").string(); }

 private:
  TempDir folder_;
};

TEST_F(GuardedPostgresStore, SaysThatThePasswordIsWrong) {
  ExpectError(OpenWith("wrong").status(), StatusCode::kUnauthenticated,
              v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES);
}

TEST_F(GuardedPostgresStore, SaysThatItMayNotReadTheTables) {
  ExpectError(OpenWith("right").status(), StatusCode::kPermissionDenied,
              v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES);
}

TEST_F(GuardedPostgresStore, SaysThatTheServerHasNoConnectionLeft) {
  Run("ALTER ROLE guarded CONNECTION LIMIT 0");
  ExpectError(OpenWith("right").status(), StatusCode::kUnavailable,
              v1::FAILURE_REASON_STORAGE_DATABASE_BUSY);
}

TEST_F(PostgresStore, SaysThatThereIsNoSuchDatabase) {
  ExpectError(OpenPostgres(subject_->cluster().Address("atlantis")).status(),
              StatusCode::kFailedPrecondition, v1::FAILURE_REASON_STORAGE_DATABASE_REFUSES);
}

TEST(PostgresAddress, IsTakenAsUrlAndAsKeywordsButWithoutAPassword) {
  EXPECT_TRUE(OpenPostgres("postgresql://user@[::1]:1/fleet?connect_timeout=2").status().code() ==
              StatusCode::kUnavailable);
  EXPECT_EQ(OpenPostgres("postgresql://user:secret@host/fleet").status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenPostgres("host=a pasword=b").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::controller
