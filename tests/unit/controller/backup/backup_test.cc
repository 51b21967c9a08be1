// A backup of a state folder beside its open database, and a state folder made out of it.
#include "controller/backup/backup.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include <sqlite3.h>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "controller/backup/restore.h"
#include "controller/bootstrap/bootstrap.h"
#include "controller/storage/open_fleet_store.h"
#include "controller/storage/sql_schema.h"
#include "security/sha256.h"
#include "tests/support/fake_executor.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

namespace fs = std::filesystem;

// A disk that is full from the n-th call on which it would have to keep something (from 1; 0:
// never).
class FullDiskFs final : public DurableFs {
 public:
  explicit FullDiskFs(int full_at) : full_at_(full_at) {}

  StatusOr<std::unique_ptr<DurableFile>> Create(const fs::path& path,
                                                const CreateOptions& options) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return disk_.Create(path, options);
  }
  Status MakeDir(const fs::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return disk_.MakeDir(path);
  }
  Status Rename(const fs::path& from, const fs::path& to) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return disk_.Rename(from, to);
  }
  Status Remove(const fs::path& path) override { return disk_.Remove(path); }
  Status SyncDir(const fs::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return disk_.SyncDir(path);
  }
  bool was_full() const { return full_at_ != 0 && calls_ >= full_at_; }

 private:
  Status Step() {
    ++calls_;
    return was_full() ? ResourceExhausted("the disk is full") : OkStatus();
  }

  OsDurableFs disk_;
  const int full_at_;
  int calls_ = 0;
};

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    BootstrapOptions options;
    options.state_dir = layout_.state_dir;
    options.host_names = {"localhost"};
    options.operator_name = "admin";
    ASSERT_TRUE(Bootstrap(options, disk_, clock_.Now()).ok());
    Write(layout_.blobs() / NameOf("model"), "model");
    Write(layout_.blobs() / (NameOf("late") + ".part"), "la");
    store_ = OpenFleetStore({}, layout_.database()).value();
    FleetChange change;
    change.devices.emplace_back().record.set_id("pump-01");
    ASSERT_TRUE(store_->Commit(change).ok());
  }

  static void Write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }
  static std::string NameOf(const std::string& content) {
    return security::Sha256(AsBytes(content)).ToHex();
  }
  BackupOptions Options() const {
    BackupOptions options;
    options.layout = layout_;
    options.config_yaml = "state_dir: x\n";
    options.to = To();
    return options;
  }
  fs::path To() const { return folder_.path() / "backup"; }
  StateLayout Second() const { return {folder_.path() / "second"}; }
  StatusOr<BackupManifest> Take(const BackupOptions& options) {
    return TakeBackup(options, {disk_, clock_, random_, [](const TransferStep&) {}});
  }
  RestoreOptions Into(const StateLayout& layout) const {
    RestoreOptions options;
    options.from = To();
    options.layout = layout;
    return options;
  }
  StatusOr<RestoreReport> Bring(const RestoreOptions& options) {
    return Restore(options, {disk_, clock_, [](const TransferStep&) {}});
  }
  std::set<std::string> Beside() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  static unsigned ModeOf(const fs::path& file) {
    struct stat found {};
    EXPECT_EQ(::stat(file.c_str(), &found), 0) << file;
    return found.st_mode & 0777U;
  }
  static void RunSql(const fs::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sql;
    sqlite3_close(handle);
  }

  TempDir folder_;
  StateLayout layout_{folder_.path() / "first"};
  OsDurableFs disk_;
  FakeExecutor clock_;
  SeededRandom random_{7};
  std::unique_ptr<FleetStore> store_;
};

TEST_F(BackupTest, HoldsWhatWasCommittedBesideTheOpenDatabase) {
  const auto taken = Take(Options());
  ASSERT_TRUE(taken.ok()) << taken.status();
  FleetChange later;
  later.devices.emplace_back().record.set_id("pump-02");
  ASSERT_TRUE(store_->Commit(later).ok()) << "the controller goes on";
  EXPECT_EQ(taken->devices, 1U);
  const auto checked = CheckBackup(To(), [](const TransferStep&) {});
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->id, taken->id);

  store_.reset();
  fs::remove_all(layout_.state_dir);
  RestoreOptions options = Into(Second());
  const auto restored = Bring(options);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->devices, 1U);
  const auto snapshot = OpenFleetStore({}, Second().database()).value()->Load();
  ASSERT_EQ(snapshot->devices.size(), 1U);
  EXPECT_EQ(snapshot->devices[0].record.id(), "pump-01");
  EXPECT_EQ(snapshot->devices[0].session_epoch, restored->mark.session_epoch);
  EXPECT_EQ(ToText(ReadFile(Second().blobs() / NameOf("model"), 100).value()), "model");
  const auto mark = ReadRestoreMark(Second().state_dir);
  ASSERT_TRUE(mark.ok() && mark->has_value());
  EXPECT_EQ((*mark)->backup_id, taken->id);
}

TEST_F(BackupTest, LeavesPrivateKeysOutAndSaysWhichAreMissing) {
  ASSERT_TRUE(Take(Options()).ok());
  for (const auto& entry : fs::recursive_directory_iterator(To())) {
    EXPECT_NE(entry.path().extension(), ".key") << entry.path();
  }
  EXPECT_TRUE(fs::exists(To() / "ca/ca.crt"));
  const auto without = Bring(Into(Second()));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->missing_keys,
            (std::vector<std::string>{"ca/ca.key", "online-keys/snapshot.key",
                                      "online-keys/timestamp.key"}));

  RestoreOptions with = Into({folder_.path() / "third"});
  with.keys = layout_.state_dir;
  const auto given = Bring(with);
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_TRUE(given->missing_keys.empty());
  EXPECT_EQ(ModeOf(folder_.path() / "third/ca/ca.key"), 0600U);
}

TEST_F(BackupTest, TakesPrivateKeysAlongWhenToldTo) {
  BackupOptions options = Options();
  options.secrets = BackupSecrets::kIncluded;
  ASSERT_TRUE(Take(options).ok());
  EXPECT_EQ(ModeOf(To() / "ca/ca.key"), 0600U);
  EXPECT_EQ(ModeOf(To()), 0700U);
  const auto restored = Bring(Into(Second()));
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE(restored->missing_keys.empty());
  EXPECT_EQ(ReadFile(Second().ca_key(), 1 << 16).value(),
            ReadFile(layout_.ca_key(), 1 << 16).value());
}

TEST_F(BackupTest, LinksArtifactsThatLieOnTheSameDisk) {
  ASSERT_TRUE(Take(Options()).ok());
  EXPECT_EQ(fs::hard_link_count(layout_.blobs() / NameOf("model")), 2U);
  EXPECT_FALSE(fs::exists(To() / "repo/blobs" / (NameOf("late") + ".part")));
}

TEST_F(BackupTest, NamesArtifactsThatAreKeptElsewhere) {
  BackupOptions options = Options();
  options.artifacts = BackupArtifacts::kElsewhere;
  ASSERT_TRUE(Take(options).ok());
  EXPECT_FALSE(fs::exists(To() / "repo/blobs" / NameOf("model")));
  const auto without = Bring(Into(Second()));
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->missing_artifacts, std::vector<std::string>{"repo/blobs/" + NameOf("model")});
  RestoreOptions with = Into({folder_.path() / "third"});
  with.artifacts = layout_.blobs();
  EXPECT_TRUE(Bring(with)->missing_artifacts.empty());
  EXPECT_TRUE(fs::exists(folder_.path() / "third/repo/blobs" / NameOf("model")));
}

TEST_F(BackupTest, NeverReplacesWhatIsThereAndNeverLiesInTheStateFolder) {
  Write(To(), "something");
  EXPECT_EQ(Take(Options()).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(ToText(ReadFile(To(), 100).value()), "something");
  BackupOptions inside = Options();
  inside.to = layout_.state_dir / "backup";
  EXPECT_EQ(Take(inside).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(BackupTest, FindsADamagedArtifactWhenItIsTaken) {
  Write(layout_.blobs() / NameOf("model"), "modem");
  EXPECT_EQ(Take(Options()).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(Beside(), std::set<std::string>{"first"}) << "nothing is left behind";
}

TEST_F(BackupTest, OnAFullDiskLeavesNothingBehindWhereverItIsFull) {
  int full_at = 1;
  for (; full_at < 500; ++full_at) {
    FullDiskFs disk(full_at);
    const auto taken = TakeBackup(Options(), {disk, clock_, random_, [](const TransferStep&) {}});
    if (!disk.was_full()) {
      EXPECT_TRUE(taken.ok()) << taken.status();
      break;
    }
    EXPECT_EQ(taken.status().code(), StatusCode::kResourceExhausted) << full_at;
    // The very last call makes a name durable that is there already.
    std::error_code ignored;
    if (fs::remove_all(To(), ignored) == 0) {
      EXPECT_EQ(Beside(), std::set<std::string>{"first"}) << full_at;
    }
  }
  EXPECT_GT(full_at, 15) << "the disk was full in the middle of it";
}

TEST_F(BackupTest, IsRefusedWhenOneByteOfItChanged) {
  ASSERT_TRUE(Take(Options()).ok());
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(To())) {
    if (!entry.is_regular_file() || entry.path().parent_path().filename() == "blobs") {
      continue;
    }
    const std::string good = ToText(ReadFile(entry.path(), 1 << 24).value());
    std::string bad = good;
    bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
    Write(entry.path(), bad);
    EXPECT_EQ(Bring(Into(Second())).status().code(), StatusCode::kDataLoss) << entry.path();
    EXPECT_FALSE(fs::exists(Second().state_dir)) << entry.path();
    Write(entry.path(), good);
    ++files;
  }
  EXPECT_GE(files, 6);
  EXPECT_TRUE(Bring(Into(Second())).ok());
}

TEST_F(BackupTest, ThatIsTornIsRefused) {
  ASSERT_TRUE(Take(Options()).ok());
  fs::remove(To() / "repo/blobs" / NameOf("model"));
  EXPECT_EQ(Bring(Into(Second())).status().code(), StatusCode::kDataLoss);
  fs::remove(To() / kManifestName);  // as if it had been cut off before its end
  EXPECT_EQ(Bring(Into(Second())).status().code(), StatusCode::kNotFound);
}

TEST_F(BackupTest, OfANewerSchemaIsRefusedWithANameForIt) {
  ASSERT_TRUE(Take(Options()).ok());
  const std::string newer = std::to_string(kSchemaVersion + 1);
  RunSql(To() / "fleet.db", "INSERT INTO schema_version (version) VALUES (" + newer + ")");
  BackupManifest manifest =
      ParseManifest(ToText(ReadFile(To() / kManifestName, 1 << 20).value())).value();
  for (BackupFile& file : manifest.files) {
    if (file.path == "fleet.db") {
      file = *DescribeFile(To() / "fleet.db");
      file.path = "fleet.db";
    }
  }
  Write(To() / kManifestName, EncodeManifest(manifest));
  const auto refused = Bring(Into(Second()));
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(ReasonNumber(refused.status()), v1::FAILURE_REASON_STORAGE_SCHEMA);
  EXPECT_NE(MessageOf(refused.status()).find("schema " + newer), std::string::npos)
      << refused.status();
  EXPECT_TRUE(fs::is_empty(Second().state_dir));
}

TEST_F(BackupTest, IsNotTakenOfANewerSchema) {
  store_.reset();
  RunSql(layout_.database(), "INSERT INTO schema_version (version) VALUES (99)");
  const auto refused = Take(Options());
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(Beside(), std::set<std::string>{"first"});
}

TEST_F(BackupTest, GoesIntoAnEmptyStateFolderAlone) {
  ASSERT_TRUE(Take(Options()).ok());
  const auto refused = Bring(Into(layout_));
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition) << refused.status();
  EXPECT_EQ(store_->Load()->devices.size(), 1U) << "untouched";
  fs::create_directories(Second().state_dir);
  EXPECT_TRUE(Bring(Into(Second())).ok());
}

TEST_F(BackupTest, ARestoreOnAFullDiskLeavesTheFolderEmptyWhereverItIsFull) {
  ASSERT_TRUE(Take(Options()).ok());
  int full_at = 1;
  for (; full_at < 500; ++full_at) {
    FullDiskFs disk(full_at);
    const auto restored = Restore(Into(Second()), {disk, clock_, [](const TransferStep&) {}});
    if (!disk.was_full()) {
      EXPECT_TRUE(restored.ok()) << restored.status();
      break;
    }
    EXPECT_EQ(restored.status().code(), StatusCode::kResourceExhausted) << full_at;
    std::error_code error;
    EXPECT_TRUE(!fs::exists(Second().state_dir) || fs::is_empty(Second().state_dir, error))
        << full_at;
  }
  EXPECT_GT(full_at, 15);
}

TEST_F(BackupTest, ARestoreThatDiedLeavesAFolderThatNoControllerTakes) {
  fs::create_directories(Second().state_dir);
  ASSERT_TRUE(BeginRestoreMark(disk_, Second().state_dir).ok());
  EXPECT_EQ(ReadRestoreMark(Second().state_dir).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_FALSE(ReadRestoreMark(layout_.state_dir)->has_value());
}

}  // namespace
}  // namespace flotilla::controller
