#include "base/bytes.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  Bytes all;
  for (int value = 0; value < 256; ++value) {
    all.push_back(static_cast<std::uint8_t>(value));
  }
  const std::string text = HexEncode(all);
  EXPECT_EQ(text.substr(0, 8), "00010203");
  EXPECT_EQ(text.substr(text.size() - 4), "feff");
  const auto back = HexDecode(text);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, all);
}

TEST(Hex, AcceptsUpperCase) {
  const auto bytes = HexDecode("FFaB");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, (Bytes{0xff, 0xab}));
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const char* text : {"0", "0g", "0x00", " 00", "00\n"}) {
    EXPECT_EQ(HexDecode(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

// RFC 4648 section 10, without padding.
TEST(Base64Url, AgreesWithTheVectorsOfItsRfc) {
  const struct {
    const char* plain;
    const char* encoded;
  } vectors[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
                 {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& vector : vectors) {
    EXPECT_EQ(Base64UrlEncode(AsBytes(vector.plain)), vector.encoded);
    const auto back = Base64UrlDecode(vector.encoded);
    ASSERT_TRUE(back.ok()) << vector.encoded;
    EXPECT_EQ(ToText(*back), vector.plain);
  }
}

TEST(Base64Url, UsesTheUrlSafeAlphabet) {
  EXPECT_EQ(Base64UrlEncode(Bytes{0xfb, 0xff}), "-_8");
}

TEST(Base64Url, RefusesPaddingSpaceStrayBitsAndCutText) {
  for (const char* text : {"Zg==", "Z g", "Zh", "Z", "Zm9vY", "+/8"}) {
    EXPECT_EQ(Base64UrlDecode(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace flotilla
