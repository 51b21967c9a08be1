#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/status.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "security/openssl_ptr.h"
#include "security/sha256.h"
#include "security/x509/authority.h"
#include "security/x509/ec_key.h"

namespace flotilla::security {
namespace {

// A request of any key, padded by an attribute of `padding` bytes.
Bytes MakeRequest(EVP_PKEY* key, std::size_t padding) {
  const X509ReqPtr request(X509_REQ_new());
  EXPECT_EQ(X509_REQ_set_pubkey(request.get(), key), 1);
  if (padding > 0) {
    const std::string text(padding, 'x');
    EXPECT_EQ(X509_REQ_add1_attr_by_NID(request.get(), NID_pkcs9_unstructuredName, MBSTRING_ASC,
                                        AsBytes(text).data(), static_cast<int>(padding)),
              1);
  }
  EXPECT_GT(X509_REQ_sign(request.get(), key, EVP_sha256()), 0);
  unsigned char* der = nullptr;
  const int length = i2d_X509_REQ(request.get(), &der);
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

void ExpectRefused(ByteView csr) {
  const auto digest = CheckCsr(csr);
  ASSERT_FALSE(digest.ok());
  EXPECT_EQ(digest.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonNumber(digest.status()), v1::FAILURE_REASON_CONTROL_CSR_INVALID);
}

TEST(Csr, GivesTheDigestOfTheKeyThatAsks) {
  const auto key = EcKey::Generate();
  ASSERT_TRUE(key.ok());
  const auto csr = key->MakeCsrDer();
  ASSERT_TRUE(csr.ok());
  const auto digest = CheckCsr(*csr);
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(*digest, Sha256(key->PublicSpkiDer()));
}

TEST(Csr, MustBeForAP256Key) {
  const EvpPkeyPtr p384(EVP_EC_gen("P-384"));
  ExpectRefused(MakeRequest(p384.get(), 0));
  const EvpPkeyPtr rsa(EVP_RSA_gen(2048));
  ExpectRefused(MakeRequest(rsa.get(), 0));
}

TEST(Csr, MustBeSignedByItsOwnKey) {
  const auto key = EcKey::Generate();
  ASSERT_TRUE(key.ok());
  auto csr = key->MakeCsrDer();
  ASSERT_TRUE(csr.ok());
  // The last byte belongs to the signature's s.
  csr->back() ^= 1;
  ExpectRefused(*csr);
}

TEST(Csr, MustNotBeLongerThanFourKiB) {
  const auto key = EcKey::Generate();
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(CheckCsr(MakeRequest(key->handle(), 3000)).ok());
  ExpectRefused(MakeRequest(key->handle(), 4096));
}

TEST(Csr, MustBeWholeAndAlone) {
  const auto key = EcKey::Generate();
  ASSERT_TRUE(key.ok());
  auto csr = key->MakeCsrDer();
  ASSERT_TRUE(csr.ok());
  ExpectRefused(ByteView(*csr).first(csr->size() - 1));
  csr->push_back(0);
  ExpectRefused(*csr);
  ExpectRefused({});
}

}  // namespace
}  // namespace flotilla::security
