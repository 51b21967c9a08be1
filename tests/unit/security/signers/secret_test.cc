#include "security/secret.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

class SecretFile : public testing::Test {
 protected:
  StatusOr<Secret> Read(const std::string& content) {
    std::ofstream(folder_.path() / "s") << content;
    return ReadSecretFile(folder_.path() / "s");
  }
  TempDir folder_;
};

TEST_F(SecretFile, GivesItsFirstLine) {
  EXPECT_EQ(Read("a b \nsecond\n")->view(), "a b ");
  EXPECT_EQ(Read("a\r\n")->view(), "a");
  EXPECT_EQ(Read("a")->view(), "a");
}

TEST_F(SecretFile, IsRefusedWhenThereIsNoSecretInIt) {
  EXPECT_EQ(Read("").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Read("\nx").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Read(std::string(5000, 'x')).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadSecretFile(folder_.path() / "gone").status().code(), StatusCode::kNotFound);
}

TEST(SecretFd, GivesALineAtATime) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "one\ntwo\n", 8), 8);
  ::close(ends[1]);
  EXPECT_EQ(ReadSecretFd(ends[0], "fd")->view(), "one");
  EXPECT_EQ(ReadSecretFd(ends[0], "fd")->view(), "two");
  EXPECT_EQ(ReadSecretFd(ends[0], "fd").status().code(), StatusCode::kInvalidArgument);
  ::close(ends[0]);
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  Secret a("secret");
  const Secret b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_EQ(b.view(), "secret");
}

}  // namespace
}  // namespace flotilla::security
