#include "controller/http/byte_range.h"

#include <gtest/gtest.h>

namespace flotilla::http {
namespace {

constexpr std::uint64_t kSize = 1000;

TEST(ByteRangeHeader, TakesOneRange) {
  const auto range = ParseRange("bytes=10-19", kSize);
  ASSERT_TRUE(range.ok() && range->has_value());
  EXPECT_EQ((*range)->first, 10U);
  EXPECT_EQ((*range)->length, 10U);
}

TEST(ByteRangeHeader, EndsAtTheLastByte) {
  EXPECT_EQ((*ParseRange("bytes=990-", kSize))->length, 10U);
  EXPECT_EQ((*ParseRange("bytes=990-5000", kSize))->length, 10U);
  EXPECT_EQ((*ParseRange("bytes=-5", kSize))->first, 995U);
  EXPECT_EQ((*ParseRange("bytes=-5000", kSize))->length, kSize);
}

TEST(ByteRangeHeader, SendsTheWholeBodyForWhatItDoesNotUnderstand) {
  for (const char* header :
       {"", "bytes", "items=0-1", "bytes=a-b", "bytes=5-2", "bytes=0-1,5-6", "bytes=-"}) {
    const auto range = ParseRange(header, kSize);
    ASSERT_TRUE(range.ok()) << header;
    EXPECT_FALSE(range->has_value()) << header;
  }
}

TEST(ByteRangeHeader, RefusesARangeAfterTheEnd) {
  EXPECT_EQ(ParseRange("bytes=1000-", kSize).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(ParseRange("bytes=0-0", 0).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(ParseRange("bytes=-0", kSize).status().code(), StatusCode::kOutOfRange);
}

TEST(ContentRangeHeader, ReadsFirstLastAndTotal) {
  const auto range = ParseContentRange("bytes 0-99/1000");
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->last, 99U);
  EXPECT_EQ(range->total, 1000U);
}

TEST(ContentRangeHeader, RefusesAnythingElse) {
  for (const char* header :
       {"", "bytes 5-4/10", "bytes 0-10/10", "bytes 0-1/*", "bytes */10", "0-1/2"}) {
    EXPECT_FALSE(ParseContentRange(header).ok()) << header;
  }
}

}  // namespace
}  // namespace flotilla::http
