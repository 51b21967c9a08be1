#include "ota/part_index.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/sha256.h"
#include "tests/support/temp_dir.h"

namespace flotilla::ota {
namespace {

class PartIndexTest : public testing::Test {
 protected:
  std::unique_ptr<PartIndex> Open(const Digest& map, std::size_t leaves) {
    return PartIndex::Open(path_, map, leaves, fs_).value();
  }
  TempDir dir_;
  OsDurableFs fs_;
  std::filesystem::path path_ = dir_.path() / "x.idx";
  Digest map_ = security::Sha256(AsBytes("map"));
};

TEST_F(PartIndexTest, RemembersRunsAcrossRestarts) {
  ASSERT_TRUE(Open(map_, 10)->Add(0, 3).ok());
  ASSERT_TRUE(Open(map_, 10)->Add(5, 6).ok());
  const auto index = Open(map_, 10);
  EXPECT_EQ(3U, index->NextMissing(0));
  EXPECT_EQ(5U, index->NextDone(3));
  EXPECT_EQ(6U, index->NextMissing(5));
  EXPECT_EQ(10U, index->NextDone(6));
  ASSERT_TRUE(index->Add(3, 5).ok());
  ASSERT_TRUE(index->Add(6, 10).ok());
  EXPECT_TRUE(Open(map_, 10)->complete());
}

TEST_F(PartIndexTest, BeginsAnewForAnotherMap) {
  ASSERT_TRUE(Open(map_, 10)->Add(0, 3).ok());
  EXPECT_EQ(0U, Open(security::Sha256(AsBytes("other")), 10)->NextMissing(0));
}

TEST_F(PartIndexTest, BelievesNoTornOrSenselessRecord) {
  ASSERT_TRUE(Open(map_, 10)->Add(0, 3).ok());
  ASSERT_TRUE(Open(map_, 10)->Add(3, 9).ok());
  const Bytes bytes = ReadFile(path_, 1000).value();
  EXPECT_EQ(3, std::ranges::count(
                   ReadPartIndex(ByteView(bytes).first(bytes.size() - 1), map_, 10).done, true));
  // An index for more leaves than the map has says nothing.
  EXPECT_FALSE(ReadPartIndex(bytes, map_, 8).matches);
}

}  // namespace
}  // namespace flotilla::ota
