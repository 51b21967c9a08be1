// Keys in a PKCS#11 token.

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "security/signer_source.h"
#include "tests/support/fixed_secret.h"
#include "tests/support/soft_token.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

class Token : public testing::Test {
 protected:
  void SetUp() override {
    const Status started = token_.Start();
    ASSERT_TRUE(started.ok()) << MessageOf(started);
    const Status made = token_.MakeKey("EC:prime256v1", "root-key");
    ASSERT_TRUE(made.ok()) << MessageOf(made);
  }

  SignerSpec Spec(const std::string& uri, SecretSource* secrets) const {
    SignerSpec spec = ParseSignerSpec(uri).value();
    spec.secrets = secrets;
    return spec;
  }

  SoftToken token_;
  FixedSecret pin_{SoftToken::kPin};
};

// The first one: a token that a process has logged in to asks it no more.
TEST_F(Token, RefusesAWrongPinAndAMissingOne) {
  FixedSecret wrong("0000");
  EXPECT_EQ(OpenSigner(Spec(token_.Uri("root-key"), &wrong)).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_FALSE(OpenSigner(Spec(token_.Uri("root-key"), nullptr)).ok());
  EXPECT_TRUE(OpenSigner(Spec(token_.Uri("root-key"), &pin_)).ok());
}

TEST_F(Token, ShowsItsPublicKeyWithoutAPin) {
  const auto open = ReadPublicHalf(Spec(token_.Uri("root-key"), nullptr));
  ASSERT_TRUE(open.ok()) << MessageOf(open.status());
  const auto signer = OpenSigner(Spec(token_.Uri("root-key"), &pin_));
  ASSERT_TRUE(signer.ok()) << MessageOf(signer.status());
  EXPECT_EQ(*open, (*signer)->public_key());
  ASSERT_EQ(pin_.questions().size(), 1U);
  EXPECT_EQ(pin_.questions().front().kind, SecretKind::kPin);
  EXPECT_EQ(pin_.questions().front().holder, "token flotilla-test");
}

TEST_F(Token, TakesThePinFromTheFileThatItsUriNames) {
  const TempDir folder;
  std::ofstream(folder.path() / "pin") << SoftToken::kPin << "\n";
  const std::string uri =
      token_.Uri("root-key") + "&pin-source=file:" + (folder.path() / "pin").string();
  const auto signer = OpenSigner(Spec(uri, nullptr));
  ASSERT_TRUE(signer.ok()) << MessageOf(signer.status());
  EXPECT_TRUE((*signer)->Sign(AsBytes("m")).ok());
}

TEST_F(Token, SaysWhenThereIsNoSuchKeyOrModule) {
  EXPECT_EQ(OpenSigner(Spec(token_.Uri("other-key"), &pin_)).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(OpenSigner(Spec("pkcs11:object=a?module-path=/none.so", &pin_)).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(Token, HoldsTwoKeysThatSignSideBySide) {
  ASSERT_TRUE(token_.MakeKey("rsa:2048", "second").ok());
  const auto first = OpenSigner(Spec(token_.Uri("root-key"), &pin_));
  const auto second = OpenSigner(Spec(token_.Uri("second"), &pin_));
  ASSERT_TRUE(first.ok()) << MessageOf(first.status());
  ASSERT_TRUE(second.ok()) << MessageOf(second.status());
  EXPECT_TRUE((*first)->Sign(AsBytes("m")).ok());
  EXPECT_TRUE((*second)->Sign(AsBytes("m")).ok());
  EXPECT_TRUE((*first)->Sign(AsBytes("n")).ok());
}

}  // namespace
}  // namespace flotilla::security
