#include "ota/fetch/body_window.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "ota/fetch/content_range.h"

namespace flotilla::ota {
namespace {

class BodyWindowTest : public testing::Test {
 protected:
  BlobRange range_{"x", 4, 3, 10};  // "456" of "0123456789"
  std::string got_;
  BlobSink sink_ = [this](ByteView bytes) {
    got_ += ToText(bytes);
    return OkStatus();
  };
  BodyWindow window_{range_, sink_};
};

TEST_F(BodyWindowTest, TakesThePieceOfA206) {
  ASSERT_TRUE(window_.OnHeaders(206, " bytes 4-6/10\r\n", 3).ok());
  ASSERT_TRUE(window_.OnBody(AsBytes("45")).ok());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_CONNECT, ReasonNumber(window_.Finish()));
  ASSERT_TRUE(window_.OnBody(AsBytes("6")).ok());
  EXPECT_TRUE(window_.Finish().ok());
  EXPECT_EQ("456", got_);
}

TEST_F(BodyWindowTest, SkipsToThePieceOfA200AndIsDoneBehindIt) {
  ASSERT_TRUE(window_.OnHeaders(200, "", 10).ok());
  for (const std::string piece : {"01", "2345", "678"}) {
    ASSERT_TRUE(window_.OnBody(AsBytes(piece)).ok());
  }
  EXPECT_TRUE(window_.done());
  EXPECT_EQ("456", got_);
}

TEST_F(BodyWindowTest, RefusesAnotherRangeLengthOrSurplus) {
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_RANGE_UNSUPPORTED,
            ReasonNumber(window_.OnHeaders(206, "bytes 3-6/10", 4)));
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_RANGE_UNSUPPORTED,
            ReasonNumber(window_.OnHeaders(206, "", 3)));
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH,
            ReasonNumber(window_.OnHeaders(206, "bytes 4-6/11", 3)));
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_LENGTH_MISMATCH, ReasonNumber(window_.OnHeaders(200, "", 9)));
  ASSERT_TRUE(window_.OnHeaders(206, "bytes 4-6/*", std::nullopt).ok());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_TOO_LARGE, ReasonNumber(window_.OnBody(AsBytes("4567"))));
}

TEST(ContentRange, RefusesWhatIsNoSingleRange) {
  for (const char* text :
       {"", "bytes", "bytes */10", "bytes 5-4/10", "bytes 1-10/10", "bytes 1-2/10 x",
        "items 1-2/10", "bytes -1-2/10", "bytes 1-99999999999999999999/*"}) {
    EXPECT_FALSE(ParseContentRange(text).has_value()) << text;
  }
  EXPECT_EQ(10U, ParseContentRange("bytes 1-2/10")->total);
}

}  // namespace
}  // namespace flotilla::ota
