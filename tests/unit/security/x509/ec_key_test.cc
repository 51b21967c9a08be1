#include "security/x509/ec_key.h"

#include <string>

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "base/bytes.h"
#include "base/status.h"
#include "security/openssl_ptr.h"
#include "security/x509/certificate.h"

namespace flotilla::security {
namespace {

std::string P384Pem() {
  const EvpPkeyPtr key(EVP_EC_gen("P-384"));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
      1);
  return BioText(bio.get());
}

TEST(EcKey, SurvivesItsPemForm) {
  const auto key = EcKey::Generate();
  ASSERT_TRUE(key.ok());
  const auto pem = key->ToPem();
  ASSERT_TRUE(pem.ok());
  const auto again = EcKey::FromPem(*pem);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->PublicSpkiDer(), key->PublicSpkiDer());
}

TEST(EcKey, IsAnotherOneEachTime) {
  const auto one = EcKey::Generate();
  const auto two = EcKey::Generate();
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_NE(one->PublicSpkiDer(), two->PublicSpkiDer());
}

TEST(EcKey, RefusesWhatIsNoP256Key) {
  EXPECT_EQ(EcKey::FromPem("").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EcKey::FromPem(P384Pem()).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EcKey::FromPem(std::string(9000, 'A')).status().code(), StatusCode::kInvalidArgument);
}

TEST(EcKey, SignsSoThatOnlyItsPublicKeyVerifies) {
  const auto key = EcKey::Generate();
  const auto other = EcKey::Generate();
  ASSERT_TRUE(key.ok() && other.ok());
  const auto signature = key->Sign(AsBytes("message"));
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(VerifyEcSignature(key->PublicSpkiDer(), AsBytes("message"), *signature).ok());
  EXPECT_EQ(VerifyEcSignature(key->PublicSpkiDer(), AsBytes("massage"), *signature).code(),
            StatusCode::kUnauthenticated);
  EXPECT_EQ(VerifyEcSignature(other->PublicSpkiDer(), AsBytes("message"), *signature).code(),
            StatusCode::kUnauthenticated);
  EXPECT_EQ(VerifyEcSignature({}, AsBytes("message"), *signature).code(),
            StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace flotilla::security
