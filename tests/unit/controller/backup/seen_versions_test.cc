#include "controller/backup/seen_versions.h"

#include <limits>

#include <gtest/gtest.h>

namespace flotilla::controller {
namespace {

v1::Hello HelloOf(std::uint64_t root, std::uint64_t snapshot, std::uint64_t timestamp) {
  v1::Hello hello;
  hello.set_root_version(root);
  hello.set_snapshot_version(snapshot);
  hello.set_timestamp_version(timestamp);
  return hello;
}

class SeenVersionsTest : public ::testing::Test {
 protected:
  SeenVersionsTest() { mark_.least_version = 5000; }
  RestoreMark mark_;
};

TEST_F(SeenVersionsTest, TellOnlyOfWhatIsHigherThanAllBefore) {
  SeenVersions seen(mark_);
  EXPECT_TRUE(seen.Note(HelloOf(1, 40, 70)).has_value()) << "the first root";
  EXPECT_FALSE(seen.Note(HelloOf(1, 41, 5000)).has_value());
  const auto higher = seen.Note(HelloOf(1, 4999, 5001));
  ASSERT_TRUE(higher.has_value());
  EXPECT_EQ(higher->timestamp, 5001U);
  EXPECT_EQ(higher->snapshot, 5000U);
  EXPECT_FALSE(seen.Note(HelloOf(1, 5000, 5001)).has_value());
  EXPECT_EQ(seen.Note(HelloOf(2, 1, 1))->root, 2U);
}

TEST_F(SeenVersionsTest, BelieveNoDeviceThatWouldDriveTheNumbersToTheirEnd) {
  SeenVersions seen(mark_);
  EXPECT_TRUE(seen.Note(HelloOf(1, 1, seen.most())).has_value());
  EXPECT_FALSE(seen.Note(HelloOf(1, 1, seen.most() + 1)).has_value());
  EXPECT_FALSE(seen.Note(HelloOf(1, std::numeric_limits<std::uint64_t>::max(), 1)).has_value());
}

}  // namespace
}  // namespace flotilla::controller
