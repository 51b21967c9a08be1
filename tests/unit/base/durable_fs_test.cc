#include "base/durable_fs.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

namespace fs = std::filesystem;

// Notes every call; the one numbered `fails_at` (from 0) answers DATA_LOSS instead.
class NotingFs final : public DurableFs {
 public:
  explicit NotingFs(int fails_at = -1) : fails_at_(fails_at) {}

  StatusOr<std::unique_ptr<DurableFile>> Create(const fs::path& path,
                                                const CreateOptions& options) override {
    FLOTILLA_RETURN_IF_ERROR(Note("create " + path.string()));
    if (taken_ && options.mode == CreateMode::kExclusive) {
      taken_ = false;
      return AlreadyExists(path.string());
    }
    return std::make_unique<NotingFile>(*this);
  }
  Status MakeDir(const fs::path& path) override { return Note("mkdir " + path.string()); }
  Status Rename(const fs::path& from, const fs::path& to) override {
    return Note("rename " + from.string() + " " + to.string());
  }
  Status Remove(const fs::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Note("remove " + path.string()));
    return absent_ ? NotFound(path.string()) : OkStatus();
  }
  Status SyncDir(const fs::path& path) override { return Note("syncdir " + path.string()); }

  void LeaveTemporary() { taken_ = true; }
  void HaveNothing() { absent_ = true; }
  const std::vector<std::string>& calls() const { return calls_; }

 private:
  class NotingFile final : public DurableFile {
   public:
    explicit NotingFile(NotingFs& fs) : fs_(fs) {}
    Status Write(std::uint64_t /*offset*/, ByteView bytes) override {
      return fs_.Note("write " + ToText(bytes));
    }
    Status Sync() override { return fs_.Note("sync"); }

   private:
    NotingFs& fs_;
  };

  Status Note(std::string call) {
    calls_.push_back(std::move(call));
    const bool fails = static_cast<int>(calls_.size()) == fails_at_ + 1;
    return fails ? DataLoss("told to fail") : OkStatus();
  }

  int fails_at_;
  bool taken_ = false;
  bool absent_ = false;
  std::vector<std::string> calls_;
};

using Calls = std::vector<std::string>;

TEST(DurableWrite, SyncsTheFileBeforeItsNameAndTheNameBeforeItReturns) {
  NotingFs fs;
  ASSERT_TRUE(DurableWrite(fs, "/s/active", AsBytes("v2")).ok());
  EXPECT_EQ(fs.calls(), (Calls{"create /s/active.tmp", "write v2", "sync",
                               "rename /s/active.tmp /s/active", "syncdir /s"}));
}

TEST(DurableWrite, RemovesWhatAnEarlierCrashLeft) {
  NotingFs fs;
  fs.LeaveTemporary();
  ASSERT_TRUE(DurableWrite(fs, "/s/active", AsBytes("v2")).ok());
  EXPECT_EQ(fs.calls(),
            (Calls{"create /s/active.tmp", "remove /s/active.tmp", "create /s/active.tmp",
                   "write v2", "sync", "rename /s/active.tmp /s/active", "syncdir /s"}));
}

TEST(DurableWrite, RemovesItsTemporaryFileWhenACallBeforeTheRenameFails) {
  for (int fails_at = 0; fails_at < 4; ++fails_at) {
    NotingFs fs(fails_at);
    EXPECT_EQ(DurableWrite(fs, "/s/active", AsBytes("v2")).code(), StatusCode::kDataLoss);
    EXPECT_EQ(fs.calls().back(), "remove /s/active.tmp") << "failed at call " << fails_at;
  }
}

TEST(DurableWrite, ReportsAFolderThatCouldNotBeSynced) {
  NotingFs fs(4);
  EXPECT_EQ(DurableWrite(fs, "/s/active", AsBytes("v2")).code(), StatusCode::kDataLoss);
}

TEST(DurableMakeDirs, SyncsEachNewNameInItsParent) {
  NotingFs fs;
  ASSERT_TRUE(DurableMakeDirs(fs, "/no-such-place/a/b").ok());
  EXPECT_EQ(fs.calls(), (Calls{"mkdir /no-such-place", "syncdir /", "mkdir /no-such-place/a",
                               "syncdir /no-such-place", "mkdir /no-such-place/a/b",
                               "syncdir /no-such-place/a"}));
}

TEST(DurableMakeDirs, LeavesAFolderThatIsThereAlone) {
  NotingFs fs;
  ASSERT_TRUE(DurableMakeDirs(fs, "/").ok());
  EXPECT_TRUE(fs.calls().empty());
}

TEST(DurableRemove, IsContentWhenThereIsNothing) {
  NotingFs fs;
  fs.HaveNothing();
  EXPECT_TRUE(DurableRemove(fs, "/s/old").ok());
  EXPECT_EQ(fs.calls(), (Calls{"remove /s/old"}));
}

TEST(DurableRemove, SyncsTheFolderItRemovedFrom) {
  NotingFs fs;
  EXPECT_TRUE(DurableRemove(fs, "/s/old").ok());
  EXPECT_EQ(fs.calls(), (Calls{"remove /s/old", "syncdir /s"}));
}

}  // namespace
}  // namespace flotilla
