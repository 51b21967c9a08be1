#include "base/grpc_frames.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(GrpcFrames, AreAZeroTheLengthAndTheMessage) {
  EXPECT_EQ(GrpcFrame("abc"), std::string("\0\0\0\0\3abc", 8));
}

TEST(GrpcFrames, AreReadInPiecesOfAnySize) {
  const std::string wire = GrpcFrame("one") + GrpcFrame("") + GrpcFrame(std::string(300, 'x'));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{4}, std::size_t{7}, wire.size()}) {
    GrpcFrameReader reader(1000);
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      ASSERT_TRUE(reader.Feed(AsBytes(std::string_view(wire).substr(at, piece)), messages).ok());
    }
    EXPECT_EQ(messages, (std::vector<std::string>{"one", "", std::string(300, 'x')})) << piece;
  }
}

TEST(GrpcFrames, AreKnownToBeWhole) {
  GrpcFrameReader reader(1000);
  std::vector<std::string> messages;
  EXPECT_FALSE(reader.holds_part());
  ASSERT_TRUE(reader.Feed(AsBytes(GrpcFrame("one").substr(0, 3)), messages).ok());
  EXPECT_TRUE(reader.holds_part());
  ASSERT_TRUE(reader.Feed(AsBytes(GrpcFrame("one").substr(3)), messages).ok());
  EXPECT_FALSE(reader.holds_part());
}

TEST(GrpcFrames, RefuseWhatIsTooLongOrCompressed) {
  std::vector<std::string> messages;
  EXPECT_EQ(GrpcFrameReader(10).Feed(AsBytes(GrpcFrame(std::string(11, 'x'))), messages).code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(GrpcFrameReader(10).Feed(AsBytes(std::string("\1\0\0\0\1x", 6)), messages).code(),
            StatusCode::kUnimplemented);
  EXPECT_TRUE(messages.empty());
}

}  // namespace
}  // namespace flotilla
