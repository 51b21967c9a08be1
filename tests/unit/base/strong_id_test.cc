#include "base/strong_id.h"

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(StrongId, AcceptsWhatIsSafeAsAFileName) {
  for (const char* text : {"a", "pump-01", "v1.2_x", "A9", "_x"}) {
    EXPECT_TRUE(DeviceId::Parse(text).ok()) << text;
  }
  EXPECT_TRUE(DeviceId::Parse(std::string(128, 'x')).ok());
}

TEST(StrongId, RefusesPathsOptionsSpaceAndOtherAlphabets) {
  for (const char* text : {"", ".", "..", ".x", "-x", "a/b", "a b", "a\n", "é", "a:b", "a%2e"}) {
    EXPECT_EQ(DeviceId::Parse(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(DeviceId::Parse(std::string(129, 'x')).ok());
  EXPECT_FALSE(DeviceId::Parse(std::string_view("a\0b", 3)).ok());
}

TEST(StrongId, NamesItsKindInTheComplaint) {
  EXPECT_NE(MessageOf(ModelLine::Parse("").status()).find("model line"), std::string::npos);
}

TEST(StrongId, IsAnotherTypeForEachKind) {
  EXPECT_FALSE((std::is_convertible_v<DeviceId, ModelLine>));
  EXPECT_FALSE((std::is_convertible_v<std::string, DeviceId>));
  EXPECT_FALSE((std::is_convertible_v<Generation, ReportSeq>));
}

TEST(StrongNumber, CountsOn) {
  EXPECT_EQ(Generation(4).Next(), Generation(5));
  EXPECT_LT(Generation(4), Generation(5));
}

}  // namespace
}  // namespace flotilla
