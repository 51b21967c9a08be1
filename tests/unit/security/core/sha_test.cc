#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "security/sha256.h"
#include "security/sha512.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256({}).ToHex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256(AsBytes("abc")).ToHex(), kOfAbc);
}

TEST(Sha256, GivesTheSameDigestPieceByPieceAndStartsAgain) {
  Sha256Hasher hasher;
  hasher.Update(AsBytes("a"));
  hasher.Update({});
  hasher.Update(AsBytes("bc"));
  EXPECT_EQ(hasher.Finish().ToHex(), kOfAbc);
  hasher.Update(AsBytes("abc"));
  EXPECT_EQ(hasher.Finish().ToHex(), kOfAbc);
}

TEST(Sha256, ReadsAFileLargerThanItsBuffer) {
  const TempDir dir;
  const std::string text((std::size_t{1} << 20U) + 17, 'x');
  std::ofstream(dir.path() / "file") << text;
  const auto digest = Sha256File(dir.path() / "file");
  ASSERT_TRUE(digest.ok());
  EXPECT_EQ(*digest, Sha256(AsBytes(text)));
  EXPECT_EQ(Sha256File(dir.path() / "none").status().code(), StatusCode::kNotFound);
}

TEST(Sha512, GivesThePublishedDigest) {
  EXPECT_EQ(HexEncode(Sha512(AsBytes("abc"))).substr(0, 32), "ddaf35a193617abacc417349ae204131");
  EXPECT_EQ(Sha512({}).size(), kSha512Size);
}

}  // namespace
}  // namespace flotilla::security
