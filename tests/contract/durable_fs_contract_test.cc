// What every DurableFs (base/durable_fs.h) keeps while the power stays on; what a power cut leaves
// is proved elsewhere.

#include "base/durable_fs.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla {
namespace {

struct Kind {
  std::string name;
  std::function<std::unique_ptr<DurableFs>()> make;
};

class DurableFsContract : public testing::TestWithParam<Kind> {
 protected:
  DurableFsContract() : fs_(GetParam().make()) {}

  std::filesystem::path At(const std::string& name) const { return dir_.path() / name; }
  std::string Read(const std::string& name) const {
    const auto bytes = ReadFile(At(name), 1U << 20U);
    return bytes.ok() ? ToText(*bytes) : "<" + MessageOf(bytes.status()) + ">";
  }
  void Put(const std::string& name, const std::string& text) {
    CreateOptions options;
    options.mode = CreateMode::kOpenOrCreate;
    auto file = fs_->Create(At(name), options);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Write(0, AsBytes(text)).ok());
    ASSERT_TRUE((*file)->Sync().ok());
  }

  TempDir dir_;
  std::unique_ptr<DurableFs> fs_;
};

TEST_P(DurableFsContract, WritesAtAnyOffsetAndGrowsTheFile) {
  auto file = fs_->Create(At("f"), CreateOptions{});
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Write(3, AsBytes("def")).ok());
  ASSERT_TRUE((*file)->Write(0, AsBytes("abc")).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  EXPECT_EQ(Read("f"), "abcdef");
}

TEST_P(DurableFsContract, CreatesExclusivelyUnlessToldOtherwise) {
  Put("f", "old");
  EXPECT_EQ(fs_->Create(At("f"), CreateOptions{}).status().code(), StatusCode::kAlreadyExists);
  Put("f", "n");
  EXPECT_EQ(Read("f"), "nld");
}

TEST_P(DurableFsContract, GivesANewFileItsPermissions) {
  CreateOptions options;
  options.permissions = 0400;
  ASSERT_TRUE(fs_->Create(At("secret"), options).ok());
  struct stat info {};
  ASSERT_EQ(::stat(At("secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0400U);
}

TEST_P(DurableFsContract, ReservesDiskBlocksWithoutSpoilingWhatIsWritten) {
  CreateOptions options;
  options.reserve_bytes = 4096;
  auto file = fs_->Create(At("f"), options);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Write(0, AsBytes("abc")).ok());
  EXPECT_EQ(Read("f").substr(0, 3), "abc");
}

TEST_P(DurableFsContract, ReplacesAFileByRename) {
  Put("new", "2");
  Put("old", "1");
  ASSERT_TRUE(fs_->Rename(At("new"), At("old")).ok());
  EXPECT_EQ(Read("old"), "2");
  EXPECT_FALSE(std::filesystem::exists(At("new")));
}

TEST_P(DurableFsContract, SaysNotFoundForNamesThatAreNotThere) {
  EXPECT_EQ(fs_->Rename(At("none"), At("x")).code(), StatusCode::kNotFound);
  EXPECT_EQ(fs_->Remove(At("none")).code(), StatusCode::kNotFound);
  EXPECT_EQ(fs_->Create(At("no/f"), CreateOptions{}).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(fs_->SyncDir(At("no")).code(), StatusCode::kNotFound);
}

TEST_P(DurableFsContract, MakesOneFolderAndIsContentWhenItIsThere) {
  EXPECT_TRUE(fs_->MakeDir(At("d")).ok());
  EXPECT_TRUE(fs_->MakeDir(At("d")).ok());
  EXPECT_EQ(fs_->MakeDir(At("x/y")).code(), StatusCode::kNotFound);
  EXPECT_TRUE(fs_->SyncDir(At("d")).ok());
}

TEST_P(DurableFsContract, RemovesFilesAndEmptyFoldersOnly) {
  ASSERT_TRUE(fs_->MakeDir(At("d")).ok());
  Put("d/f", "1");
  EXPECT_EQ(fs_->Remove(At("d")).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(fs_->Remove(At("d/f")).ok());
  EXPECT_TRUE(fs_->Remove(At("d")).ok());
}

TEST_P(DurableFsContract, FollowsNoLinkWhenItCreates) {
  std::filesystem::create_symlink(At("target"), At("link"));
  CreateOptions options;
  options.mode = CreateMode::kOpenOrCreate;
  EXPECT_FALSE(fs_->Create(At("link"), options).ok());
  EXPECT_FALSE(std::filesystem::exists(At("target")));
}

TEST_P(DurableFsContract, CarriesADurableWriteOverAnOldFileAndALeftOver) {
  Put("active", "old");
  Put("active.tmp", "left over");
  ASSERT_TRUE(DurableWrite(*fs_, At("active"), AsBytes("new")).ok());
  EXPECT_EQ(Read("active"), "new");
  EXPECT_FALSE(std::filesystem::exists(At("active.tmp")));
}

INSTANTIATE_TEST_SUITE_P(All, DurableFsContract,
                         testing::Values(Kind{
                             "Os", [] { return std::unique_ptr<DurableFs>(new OsDurableFs()); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace flotilla
