// A whole fleet from PostgreSQL into a file, beside the controller that owns it, and back.

#include <filesystem>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "controller/backup/backup.h"
#include "controller/backup/restore.h"
#include "controller/storage/fleet_copy.h"
#include "tests/contract/fleet_copy_content.h"
#include "tests/support/fake_executor.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

TEST(PostgresCopy, ComesBackFromAFileAsItWas) {
  PostgresCluster* cluster = PostgresCluster::OfProgram();
  if (cluster == nullptr) {
    GTEST_SKIP() << "LEFT OUT: PostgreSQL";
  }
  const TempDir folder;
  const StorePlace file{{}, folder.path() / "b.db"};
  const StorePlace first{cluster->Address(cluster->NewDatabase()), {}};
  const StorePlace second{cluster->Address(cluster->NewDatabase()), {}};
  ASSERT_NO_FATAL_FAILURE(FillFleet(first));
  {
    // Its controller is there and owns it.
    const auto owner = OpenPlace(first);
    ASSERT_NE(owner, nullptr);
    const auto out = CopyFleetStore(first, file, NoProgress);
    ASSERT_TRUE(out.ok()) << out.status();
  }
  const auto in = CopyFleetStore(file, second, NoProgress);
  ASSERT_TRUE(in.ok()) << in.status();
  ExpectSameFleet(first, second);
  EXPECT_EQ(CopyFleetStore(file, second, NoProgress).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(PostgresCopy, IsWhatABackupIsTakenOfAndRestoredInto) {
  PostgresCluster* cluster = PostgresCluster::OfProgram();
  if (cluster == nullptr) {
    GTEST_SKIP() << "LEFT OUT: PostgreSQL";
  }
  const TempDir folder;
  OsDurableFs disk;
  FakeExecutor clock;
  SeededRandom random(7);
  const auto nothing = [](const TransferStep& /*step*/) {};
  BackupOptions take;
  take.layout.state_dir = folder.path() / "first";
  take.store = cluster->Address(cluster->NewDatabase());
  take.to = folder.path() / "backup";
  ASSERT_NO_FATAL_FAILURE(FillFleet({take.store, {}}));
  const auto taken = TakeBackup(take, {disk, clock, random, nothing});
  ASSERT_TRUE(taken.ok()) << taken.status();

  RestoreOptions bring;
  bring.from = take.to;
  bring.layout.state_dir = folder.path() / "second";
  bring.store = cluster->Address(cluster->NewDatabase());
  const auto restored = Restore(bring, {disk, clock, nothing});
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_FALSE(std::filesystem::exists(bring.layout.database()));
  {
    const auto store = OpenPlace({bring.store, {}});
    ASSERT_NE(store, nullptr);
    const FleetSnapshot snapshot = *store->Load();
    ASSERT_EQ(snapshot.devices.size(), 2500U);
    EXPECT_EQ(snapshot.devices[0].session_epoch, restored->mark.session_epoch);
    EXPECT_EQ(store->AuditPage(0, 1)->front().action(), "controller.restored");
  }
  bring.layout.state_dir = folder.path() / "third";
  EXPECT_EQ(Restore(bring, {disk, clock, nothing}).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_TRUE(std::filesystem::is_empty(bring.layout.state_dir));
}

}  // namespace
}  // namespace flotilla::controller
