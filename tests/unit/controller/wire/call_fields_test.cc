#include "controller/wire/call_fields.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/retry_after.h"

namespace flotilla::controller {
namespace {

using Fields = std::vector<HeaderField>;

TEST(GrpcTimeout, IsUpToEightDigitsAndAUnit) {
  const std::vector<std::pair<std::string, Duration>> good = {
      {"1H", absl::Hours(1)},
      {"2M", absl::Minutes(2)},
      {"30S", absl::Seconds(30)},
      {"250m", absl::Milliseconds(250)},
      {"7u", absl::Microseconds(7)},
      {"99999999n", absl::Nanoseconds(99'999'999)},
      {"0S", absl::ZeroDuration()},
      {"00000012S", absl::Seconds(12)},
      {"99999999H", absl::Hours(99'999'999)}};
  for (const auto& [text, timeout] : good) {
    EXPECT_EQ(ParseGrpcTimeout(text), timeout) << text;
  }
}

TEST(GrpcTimeout, IsNothingElse) {
  for (const std::string text :
       {"", "S", "1", "-1S", "+1S", " 1S", "1 S", "1S ", "1s", "1h", "0x1S", "1.5S", "123456789S",
        "1SS", "S1", "99999999999999999999S"}) {
    EXPECT_EQ(ParseGrpcTimeout(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseGrpcTimeout(std::string_view("1\0S", 3)), std::nullopt);
}

TEST(Trailers, OfSuccessAreItsCodeAlone) {
  EXPECT_EQ(TrailersOf(OkStatus()), (Fields{{"grpc-status", "0"}}));
}

TEST(Trailers, HaveTheCodeInDigitsAndTheText) {
  EXPECT_EQ(TrailersOf(Unauthenticated("who are you?")),
            (Fields{{"grpc-status", "16"}, {"grpc-message", "who are you?"}}));
}

TEST(Trailers, PercentEncodeWhatIsNotPrintable) {
  EXPECT_EQ(TrailersOf(Internal("50% of\n\xc3\xa4\x7f")).at(1).second, "50%25 of%0a%c3%a4%7f");
}

TEST(Trailers, CutALongTextAtOneKibibyte) {
  EXPECT_EQ(TrailersOf(Internal(std::string(5000, 'x'))).at(1).second, std::string(1024, 'x'));
}

// Clients of other languages refuse a text that is not UTF-8.
TEST(Trailers, CutALongTextBetweenCharacters) {
  std::string euros = "x";
  std::string encoded = "x";
  for (int i = 0; i < 1000; ++i) {
    euros += "\xe2\x82\xac";
    encoded += i < 341 ? "%e2%82%ac" : "";
  }
  EXPECT_EQ(TrailersOf(Internal(euros)).at(1).second, encoded);
  EXPECT_EQ(TrailersOf(Internal("x" + euros)).at(1).second,
            "x" + encoded.substr(0, 1 + std::size_t{9} * 340));
}

TEST(Trailers, TellTheReasonInBase64AndTheWaitInDigits) {
  const Status status =
      WithRetryAfter(WithReasonNumber(Unavailable("later"), 12), absl::Milliseconds(1500));
  EXPECT_EQ(TrailersOf(status), (Fields{{"grpc-status", "14"},
                                        {"grpc-message", "later"},
                                        {"flotilla-reason-bin", "MTI="},
                                        {"flotilla-retry-after-ms", "1500"}}));
}

}  // namespace
}  // namespace flotilla::controller
