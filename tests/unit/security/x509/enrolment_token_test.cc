#include "security/enrolment_token.h"

#include <string>

#include <gtest/gtest.h>

#include "base/status.h"
#include "security/sha256.h"

namespace flotilla::security {
namespace {

TokenText Sample() {
  return {"ab12", "0123456789abcdef", Sha256(AsBytes("ca"))};
}

TEST(EnrolmentToken, SurvivesItsText) {
  const auto parsed = ParseTokenText(FormatTokenText(Sample()));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->id, "ab12");
  EXPECT_EQ(parsed->secret, "0123456789abcdef");
  EXPECT_EQ(parsed->ca, Sample().ca);
}

TEST(EnrolmentToken, IsRefusedInAnyOtherForm) {
  const std::string good = FormatTokenText(Sample());
  const std::string pin = Sample().ca.ToHex();
  for (const std::string& bad :
       {std::string(), std::string("flt1"), std::string("flt1."),
        std::string("flt2") + good.substr(4), good + "0", good + ".x",
        good.substr(0, good.size() - 1), " " + good, "flt1..0123456789abcdef." + pin,
        "flt1.ab12.short." + pin, "flt1.ab 12.0123456789abcdef." + pin,
        "flt1.ab12.0123456789abcde=." + pin, "flt1.ab12." + std::string(129, 'a') + "." + pin,
        "flt1." + std::string(65, 'a') + ".0123456789abcdef." + pin, std::string(600, 'f')}) {
    EXPECT_EQ(ParseTokenText(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(EnrolmentToken, IsNotRepeatedInTheError) {
  const auto parsed = ParseTokenText("flt1.ab12.0123456789abcdef.nopin");
  EXPECT_EQ(MessageOf(parsed.status()).find("0123456789abcdef"), std::string::npos);
}

TEST(EnrolmentToken, SecretMatchesItsHashOnly) {
  const Digest hash = HashTokenSecret("0123456789abcdef");
  EXPECT_TRUE(TokenSecretMatches("0123456789abcdef", hash));
  EXPECT_FALSE(TokenSecretMatches("0123456789abcdeg", hash));
  EXPECT_FALSE(TokenSecretMatches("", hash));
}

}  // namespace
}  // namespace flotilla::security
