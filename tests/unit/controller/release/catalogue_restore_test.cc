// Versions of the online roles after a restore.
#include <cstdint>

#include <gtest/gtest.h>

#include "tests/unit/controller/release/catalogue_fixture.h"

namespace flotilla::controller {
namespace {

constexpr std::int64_t kLeast = 1'767'225'600;

class CatalogueRestore : public CatalogueFixture {
 protected:
  void OpenRestored() {
    catalogue_.reset();
    catalogue_ =
        Catalogue::Open({Folder(), {}, first_root_, kLeast}, keys_, blobs_, fs_, kNow).value();
  }
};

TEST_F(CatalogueRestore, BeginsAtTheLeastVersionAfterARestore) {
  PublishFirst();
  OpenRestored();
  EXPECT_EQ(Served()->versions.snapshot, kLeast);
  EXPECT_EQ(Served()->versions.timestamp, kLeast);
  OpenRestored();
  EXPECT_EQ(Served()->versions.timestamp, kLeast) << "once";
  SignRelease("2.0.0", 2);
  ASSERT_TRUE(Publish({"models-pump.json"}).ok());
  EXPECT_EQ(Served()->versions.snapshot, kLeast + 1);
}

TEST_F(CatalogueRestore, SignsAboveWhatADeviceHasSeen) {
  EXPECT_TRUE(catalogue_->RaisePast(5, 5, kNow).ok()) << "nothing was published yet";
  PublishFirst();
  const auto before = Served()->versions;
  ASSERT_TRUE(catalogue_->RaisePast(before.snapshot, before.timestamp, kNow).ok());
  EXPECT_EQ(Served()->versions.timestamp, before.timestamp) << "ours is no older";
  ASSERT_TRUE(catalogue_->RaisePast(40, 70, kNow).ok());
  EXPECT_EQ(Served()->versions.snapshot, 71);
  EXPECT_EQ(Served()->versions.timestamp, 71);
}

}  // namespace
}  // namespace flotilla::controller
