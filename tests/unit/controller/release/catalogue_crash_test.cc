#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/durable_fs.h"
#include "base/os_durable_fs.h"
#include "base/status.h"
#include "controller/release/catalogue.h"
#include "tests/unit/controller/release/catalogue_fixture.h"

namespace flotilla::controller {
namespace {

// Stands for a process that ends before its n-th call that changes the disk.
class DyingFs final : public DurableFs {
 public:
  DyingFs(DurableFs& below, int calls) : below_(below), left_(calls) {}
  // It ends right after it gave a file this name.
  DyingFs(DurableFs& below, std::string last_name)
      : below_(below), left_(1'000'000), last_name_(std::move(last_name)) {}

  StatusOr<std::unique_ptr<DurableFile>> Create(const std::filesystem::path& path,
                                                const CreateOptions& options) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return below_.Create(path, options);
  }
  Status MakeDir(const std::filesystem::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return below_.MakeDir(path);
  }
  Status Rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    left_ = to.filename() == last_name_ ? 0 : left_;
    return below_.Rename(from, to);
  }
  Status Remove(const std::filesystem::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return below_.Remove(path);
  }
  Status SyncDir(const std::filesystem::path& path) override {
    FLOTILLA_RETURN_IF_ERROR(Step());
    return below_.SyncDir(path);
  }

 private:
  Status Step() { return left_-- > 0 ? OkStatus() : DataLoss("the process is gone"); }

  DurableFs& below_;
  int left_;
  std::string last_name_;
};

class CatalogueCrash : public CatalogueFixture {};

TEST_F(CatalogueCrash, BetweenAnyTwoWritesLeavesTheOldRepositoryOrTheNewOne) {
  PublishFirst();
  SignRelease("2.0.0", 2);
  bool published = false;
  int crashes = 0;
  for (; !published; ++crashes) {
    ASSERT_LT(crashes, 200);
    // Opening touches nothing once the links are there.
    OsDurableFs os;
    DyingFs dying(os, crashes);
    catalogue_ = OpenAt(kNow, dying);
    const auto publication = Publish({"models-pump.json"});
    published = publication.ok();
    const auto served = Served();
    ASSERT_TRUE(served.ok()) << "after " << crashes << " calls: " << served.status();
    const bool is_new = served->versions.snapshot == 2;
    EXPECT_EQ(served->targets.size(), is_new ? 6U : 3U);
    if (is_new && !published) {
      break;  // the last rename happened: the publication counts, whoever heard of it
    }
  }
  EXPECT_GT(crashes, 5);
  catalogue_ = OpenAt(kNow, fs_);
  const auto again = Publish({"models-pump.json"});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(catalogue_->Releases().size(), 2U);
  EXPECT_EQ(again->snapshot_version, 2);
}

TEST_F(CatalogueCrash, InAFirstPublicationLeavesNothingOrAllOfIt) {
  SignRelease("1.0.0", 1);
  for (int calls = 0;; ++calls) {
    ASSERT_LT(calls, 200);
    OsDurableFs os;
    DyingFs dying(os, calls);
    auto opened = Catalogue::Open({Folder(), {}, {}}, keys_, blobs_, dying, kNow);
    ASSERT_TRUE(opened.ok()) << opened.status();
    catalogue_ = *std::move(opened);
    if (Publish({"1.root.json", "targets.json", "models-pump.json"}).ok()) {
      break;
    }
  }
  const auto served = Served();
  ASSERT_TRUE(served.ok()) << served.status();
  EXPECT_EQ(served->targets.size(), 3U);
}

TEST_F(CatalogueCrash, AfterTheLastRenameIsNotTakenBackByTheNextPublication) {
  PublishFirst();
  SignRelease("2.0.0", 2);
  DyingFs dying(fs_, "timestamp.json");
  catalogue_ = OpenAt(kNow, dying);
  EXPECT_FALSE(Publish({"models-pump.json"}).ok());
  EXPECT_EQ(Served().value().versions.timestamp, 2);
  catalogue_ = OpenAt(kNow, fs_);
  SignRelease("3.0.0", 3);
  const auto next = Publish({"models-pump.json"});
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->snapshot_version, 3);
  EXPECT_EQ(next->timestamp_version, 3);
}

}  // namespace
}  // namespace flotilla::controller
