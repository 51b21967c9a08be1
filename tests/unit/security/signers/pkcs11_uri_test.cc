#include "security/pkcs11/pkcs11_uri.h"

#include <gtest/gtest.h>

namespace flotilla::security {
namespace {

TEST(Pkcs11Uri, IsTakenApart) {
  const auto uri = ParsePkcs11Uri(
      "pkcs11:token=My%20Token;object=root;id=%01?module-path=/lib/p.so&pin-source=file:/run/pin");
  ASSERT_TRUE(uri.ok()) << MessageOf(uri.status());
  EXPECT_EQ(uri->path, "pkcs11:token=My%20Token;object=root;id=%01");
  EXPECT_EQ(uri->holder, "token My Token");
  EXPECT_EQ(uri->module_path, "/lib/p.so");
  EXPECT_EQ(uri->pin_file, "/run/pin");
}

TEST(Pkcs11Uri, RefusesAPinThatEveryProcessCouldRead) {
  const auto uri = ParsePkcs11Uri("pkcs11:object=root?pin-value=1234");
  EXPECT_EQ(uri.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(uri.status()).find("1234"), std::string::npos);
}

TEST(Pkcs11Uri, RefusesWhatNamesNoKeyOrIsNotUnderstood) {
  for (const char* text :
       {"http://x", "pkcs11:", "pkcs11:token=a", "pkcs11:object", "pkcs11:object=a;colour=red",
        "pkcs11:object=%zz", "pkcs11:object=%1", "pkcs11:object=a?who=me"}) {
    EXPECT_EQ(ParsePkcs11Uri(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace flotilla::security
