#include "ota/format/leaf_map.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/sha256.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_gguf.h"

namespace flotilla::ota {
namespace {

LeafMap BuildOf(const Bytes& bytes) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  std::ofstream(path, std::ios::binary)
      .write(AsText(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  return LeafMap::Build(path).value();
}

void ExpectCovers(const LeafMap& map, const Bytes& bytes) {
  std::uint64_t offset = 0;
  for (const Leaf& leaf : map.leaves()) {
    ASSERT_EQ(offset, leaf.offset);
    ASSERT_LE(leaf.length, kMaxLeafBytes);
    ASSERT_EQ(leaf.sha256, security::Sha256(ByteView(bytes).subspan(offset, leaf.length)));
    offset += leaf.length;
  }
  ASSERT_EQ(bytes.size(), offset);
}

TEST(LeafMap, CutsAGgufAtItsTensors) {
  TinyGgufShape shape;
  shape.tensors = 3;
  const Bytes bytes = MakeTinyGguf(shape);
  const LeafMap map = BuildOf(bytes);
  ExpectCovers(map, bytes);
  ASSERT_EQ(4U, map.leaves().size());  // the header and three tensors
  EXPECT_EQ(shape.weights * 4, map.leaves()[1].length);
}

TEST(LeafMap, CutsALargeTensorIntoPiecesOfWholeUnitsOf256Weights) {
  TinyGgufShape shape;
  shape.tensors = 2;
  shape.weights = std::uint64_t{300} * 1024;  // 1.2 MB of F32
  const Bytes bytes = MakeTinyGguf(shape);
  const LeafMap map = BuildOf(bytes);
  ExpectCovers(map, bytes);
  ASSERT_EQ(5U, map.leaves().size());
  EXPECT_EQ(0U, map.leaves()[1].length % (256 * 4));
  EXPECT_EQ(map.leaves()[1].offset + shape.weights * 4, map.leaves()[3].offset);
}

TEST(LeafMap, CutsAnyOtherFileEveryMebibyte) {
  const Bytes bytes(kMaxLeafBytes * 2 + 1, 42);
  const LeafMap map = BuildOf(bytes);
  ExpectCovers(map, bytes);
  EXPECT_EQ(3U, map.leaves().size());
  EXPECT_EQ(1U, map.leaves().back().length);
}

TEST(LeafMap, ReadsBackWhatItWrote) {
  const LeafMap map = BuildOf(MakeTinyGguf({}));
  const StatusOr<LeafMap> again = LeafMap::Parse(map.Encode());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(map, *again);
}

TEST(LeafMap, RefusesEveryShorterAndLongerText) {
  Bytes bytes = BuildOf(MakeTinyGguf({})).Encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(v1::FAILURE_REASON_FORM_SCHEMA,
              ReasonNumber(LeafMap::Parse(ByteView(bytes).first(size)).status()));
  }
  bytes.push_back(0);
  EXPECT_FALSE(LeafMap::Parse(bytes).ok());
}

TEST(LeafMap, RefusesLengthsThatDoNotAddUpOrAreOutOfBounds) {
  const Bytes good = BuildOf(Bytes(100, 1)).Encode();
  for (const std::size_t at : {8U, 24U, 27U}) {
    Bytes bad = good;
    bad[at] ^= 0xFFU;
    EXPECT_FALSE(LeafMap::Parse(bad).ok()) << at;
  }
}

TEST(LeafMap, HasNoLeavesForAnEmptyFile) {
  const TempDir dir;
  std::ofstream(dir.path() / "empty").close();
  EXPECT_EQ(StatusCode::kInvalidArgument, LeafMap::Build(dir.path() / "empty").status().code());
}

}  // namespace
}  // namespace flotilla::ota
