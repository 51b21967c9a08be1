#include "security/tuf/json.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "security/tuf/limits.h"

namespace flotilla::tuf {
namespace {

constexpr std::uint64_t kPlenty = 1'000'000;

int ReasonOf(std::string_view text) {
  return ReasonNumber(ParseJson(AsBytes(text), kPlenty).status());
}

std::string Canonical(std::string_view text) {
  const auto value = ParseJson(AsBytes(text), kPlenty);
  EXPECT_TRUE(value.ok()) << text << value.status();
  return value.ok() ? EncodeCanonical(*value).value() : "";
}

TEST(StrictJson, RefusesWhatIsNoJson) {
  for (const char* text :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "nul", "01", "+1", "\"\n\"", "{} {}", "{}x",
        "//c\n1", "\xEF\xBB\xBF{}", "[1 2]", "\"\\x41\"", R"("\ud800")"}) {
    EXPECT_EQ(ReasonOf(text), v1::FAILURE_REASON_FORM_JSON_SYNTAX) << text;
  }
}

TEST(StrictJson, AllowsWhiteSpaceAfterTheValue) {
  EXPECT_EQ(ReasonOf("{} \t\r\n"), 0);
}

TEST(StrictJson, RefusesDuplicateKeysAlsoWhenTheyAreEscapedDifferently) {
  EXPECT_EQ(ReasonOf(R"({"a":1,"a":1})"), v1::FAILURE_REASON_FORM_JSON_DUPLICATE);
  EXPECT_EQ(ReasonOf(R"({"a":1,"\u0061":2})"), v1::FAILURE_REASON_FORM_JSON_DUPLICATE);
  EXPECT_EQ(ReasonOf(R"([{"a":1},{"a":1}])"), 0);
}

TEST(StrictJson, TakesIntegersOf64SignedBitsOnly) {
  EXPECT_EQ(Canonical("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Canonical("-9223372036854775808"), "-9223372036854775808");
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "1E400",
                           "18446744073709551616", "0.1"}) {
    EXPECT_EQ(ReasonOf(text), v1::FAILURE_REASON_FORM_JSON_NUMBER) << text;
  }
}

TEST(StrictJson, NestsTo32LevelsAndNoFurther) {
  EXPECT_EQ(ReasonOf(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')), 0);
  EXPECT_EQ(ReasonOf(std::string(kMaxJsonDepth + 1, '[') + std::string(kMaxJsonDepth + 1, ']')),
            v1::FAILURE_REASON_FORM_JSON_DEPTH);
  EXPECT_EQ(ReasonOf(std::string(100'000, '[')), v1::FAILURE_REASON_FORM_JSON_DEPTH);
}

TEST(StrictJson, TakesStringsOf64KiBAndNoLonger) {
  EXPECT_EQ(ReasonOf("\"" + std::string(kMaxStringBytes, 'x') + "\""), 0);
  EXPECT_EQ(ReasonOf("\"" + std::string(kMaxStringBytes + 1, 'x') + "\""),
            v1::FAILURE_REASON_FORM_SCHEMA);
  EXPECT_EQ(ReasonOf("{\"" + std::string(kMaxStringBytes + 1, 'x') + "\":1}"),
            v1::FAILURE_REASON_FORM_SCHEMA);
}

TEST(StrictJson, RefusesWhatIsNotUtf8) {
  for (const char* text :
       {"\"\x80\"", "\"\xC0\xAF\"", "\"\xE0\x80\xAF\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"",
        "\"\xF0\x8F\xBF\xBF\"", "\"\xC3\"", "\xFF", R"("\udc00")", R"("\ud800\u0041")"}) {
    EXPECT_EQ(ReasonOf(text), v1::FAILURE_REASON_FORM_UTF8) << text;
  }
  EXPECT_EQ(ReasonOf("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\""), 0);
  EXPECT_EQ(Canonical(R"("\ud83d\ude00")"), "\"\xF0\x9F\x98\x80\"");
}

TEST(StrictJson, RefusesMoreThanTheByteLimit) {
  EXPECT_TRUE(ParseJson(AsBytes("{}"), 2).ok());
  EXPECT_EQ(ReasonNumber(ParseJson(AsBytes("{} "), 2).status()),
            v1::FAILURE_REASON_FETCH_TOO_LARGE);
}

TEST(CanonicalJson, SortsKeysByBytesAndLeavesNoSpaces) {
  EXPECT_EQ(Canonical("{\"b\": [1, true, null], \"a\": {}, \"B\": \"x\", \"\xC3\xA9\": -0}"),
            "{\"B\":\"x\",\"a\":{},\"b\":[1,true,null],\"\xC3\xA9\":0}");
  // By code point, not by UTF-16 unit: U+FFFD before U+1F600.
  EXPECT_EQ(Canonical("{\"\xF0\x9F\x98\x80\":1,\"\xEF\xBF\xBD\":2}"),
            "{\"\xEF\xBF\xBD\":2,\"\xF0\x9F\x98\x80\":1}");
}

TEST(CanonicalJson, EscapesOnlyQuoteAndBackslash) {
  EXPECT_EQ(Canonical(R"("a\"b\\c\nd\te\u0001\/")"), "\"a\\\"b\\\\c\nd\te\x01/\"");
}

TEST(CanonicalJson, HasNoFloatingPointNumbers) {
  EXPECT_FALSE(EncodeCanonical(boost::json::value(1.5)).ok());
  EXPECT_FALSE(EncodeCanonical(boost::json::value(UINT64_MAX)).ok());
  EXPECT_EQ(EncodeCanonical(boost::json::value(std::uint64_t{7})).value(), "7");
}

TEST(LegibleJson, ReadsBackAsTheSameValue) {
  const auto value =
      ParseJson(AsBytes(R"({"pem":"-----\nx\t\u0001\"\\","n":[1,[],{}],"o":{"k":null}})"), kPlenty);
  ASSERT_TRUE(value.ok());
  const std::string text = EncodeLegible(*value).value();
  const auto again = ParseJson(AsBytes(text), kPlenty);
  ASSERT_TRUE(again.ok()) << again.status() << text;
  EXPECT_EQ(*again, *value);
}

}  // namespace
}  // namespace flotilla::tuf
