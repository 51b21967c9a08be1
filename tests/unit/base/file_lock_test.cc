#include "base/file_lock.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla {
namespace {

const Status& Held() {
  static const Status held = Unavailable("held");
  return held;
}

TEST(FileLock, IsHeldByOneAtATimeUntilItsDescriptorCloses) {
  const TempDir folder;
  const std::filesystem::path file = folder.path() / "lock";
  EXPECT_FALSE(IsFileLocked(file));
  {
    const StatusOr<UniqueFd> first = LockFile(file, Held());
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(LockFile(file, Held()).status(), Held());
    EXPECT_TRUE(IsFileLocked(file));
  }
  EXPECT_FALSE(IsFileLocked(file));
  EXPECT_TRUE(LockFile(file, Held()).ok());
}

TEST(FileLock, IsFreeForOthersAfterSomebodyLooked) {
  const TempDir folder;
  const std::filesystem::path file = folder.path() / "lock";
  ASSERT_TRUE(LockFile(file, Held()).ok());
  EXPECT_FALSE(IsFileLocked(file));
  EXPECT_TRUE(LockFile(file, Held()).ok());
}

TEST(FileLock, SaysThatItsFolderIsNotThere) {
  const TempDir folder;
  EXPECT_EQ(LockFile(folder.path() / "absent" / "lock", Held()).status().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla
