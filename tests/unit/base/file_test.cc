#include "base/file.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla {
namespace {

class FileTest : public testing::Test {
 protected:
  std::filesystem::path Put(const std::string& name, const std::string& text) const {
    auto path = dir_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  TempDir dir_;
};

TEST_F(FileTest, ReadsAWholeFileUpToItsLimit) {
  const auto path = Put("a", "12345");
  const auto bytes = ReadFile(path, 5);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(ToText(*bytes), "12345");
  EXPECT_EQ(ReadFile(path, 4).status().code(), StatusCode::kResourceExhausted);
}

TEST_F(FileTest, ReadsAnEmptyFile) {
  const auto bytes = ReadFile(Put("empty", ""), 10);
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(bytes->empty());
}

TEST_F(FileTest, SaysNotFoundForAMissingFile) {
  EXPECT_EQ(ReadFile(dir_.path() / "none", 10).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(FileSize(dir_.path() / "none").status().code(), StatusCode::kNotFound);
}

TEST_F(FileTest, TellsTheSizeOfRegularFilesOnly) {
  const auto size = FileSize(Put("b", "abc"));
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(*size, 3U);
  EXPECT_EQ(FileSize(dir_.path()).status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla
