#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "security/public_key.h"
#include "tests/support/temp_dir.h"

namespace flotilla::security {
namespace {

class EveryKeyKind : public testing::TestWithParam<KeyKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKeyKind,
                         testing::Values(KeyKind::kEd25519, KeyKind::kEcdsaP256, KeyKind::kRsaPss));

TEST_P(EveryKeyKind, SignsWhatItsPublicHalfVerifies) {
  const auto key = KeyPair::Generate(GetParam());
  ASSERT_TRUE(key.ok()) << key.status();
  Bytes signature = (*key)->Sign(AsBytes("message")).value();
  const PublicKey& public_key = (*key)->public_key();
  EXPECT_TRUE(public_key.Verify(AsBytes("message"), signature).ok());
  EXPECT_EQ(public_key.Verify(AsBytes("massage"), signature).code(), StatusCode::kPermissionDenied);
  EXPECT_FALSE(public_key.Verify(AsBytes("message"), {}).ok());
  signature.front() ^= 1U;
  EXPECT_FALSE(public_key.Verify(AsBytes("message"), signature).ok());
}

TEST_P(EveryKeyKind, GoesThroughTheTextsOfMetadataAndThroughPem) {
  const auto key = KeyPair::Generate(GetParam());
  ASSERT_TRUE(key.ok());
  const PublicKey& original = (*key)->public_key();
  const auto read =
      PublicKey::FromTuf(original.tuf_keytype(), original.tuf_scheme(), original.tuf_value());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, original);
  EXPECT_EQ(read->kind(), GetParam());
  EXPECT_EQ(PublicKey::FromPem(original.ToPem()).value(), original);
}

TEST_P(EveryKeyKind, IsSavedAndLoadedWithAndWithoutPassphrase) {
  const TempDir dir;
  OsDurableFs fs;
  const auto key = KeyPair::Generate(GetParam());
  ASSERT_TRUE(SaveSigner(fs, dir.path() / "plain.pem", **key, "").ok());
  ASSERT_TRUE(SaveSigner(fs, dir.path() / "sealed.pem", **key, "secret").ok());
  EXPECT_EQ(LoadSigner(dir.path() / "plain.pem", "").value()->public_key(), (*key)->public_key());
  EXPECT_EQ(LoadSigner(dir.path() / "sealed.pem", "secret").value()->public_key(),
            (*key)->public_key());
  EXPECT_EQ(LoadSigner(dir.path() / "sealed.pem", "").status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_EQ(LoadSigner(dir.path() / "sealed.pem", "wrong").status().code(),
            StatusCode::kUnauthenticated);
}

TEST(KeyFile, NeverOverwritesAKeyAndKeepsItPrivate) {
  const TempDir dir;
  OsDurableFs fs;
  const auto key = GenerateEd25519();
  ASSERT_TRUE(SaveSigner(fs, dir.path() / "k.pem", **key, "").ok());
  EXPECT_EQ(SaveSigner(fs, dir.path() / "k.pem", **key, "").code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(std::filesystem::status(dir.path() / "k.pem").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(PublicKey, KnowsWhichTextsItCannotUse) {
  const auto ecdsa = KeyPair::Generate(KeyKind::kEcdsaP256);
  const std::string pem = (*ecdsa)->public_key().ToPem();
  EXPECT_EQ(PublicKey::FromTuf("ml-dsa", "ml-dsa-65", "00").status().code(),
            StatusCode::kUnimplemented);
  EXPECT_EQ(PublicKey::FromTuf("ed25519", "rsassa-pss-sha256", "00").status().code(),
            StatusCode::kUnimplemented);
  EXPECT_EQ(PublicKey::FromTuf("ed25519", "ed25519", std::string(62, 'a')).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(PublicKey::FromTuf("rsa", "rsassa-pss-sha256", pem).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\n").status().code(),
            StatusCode::kInvalidArgument);
}

TEST(PublicKey, VerifiesAnEd25519VectorOfRfc8032) {
  const auto key = PublicKey::FromTuf(
      "ed25519", "ed25519", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  ASSERT_TRUE(key.ok());
  const Bytes signature = HexDecode(
                              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
                              .value();
  EXPECT_TRUE(key->Verify(Bytes{0x72}, signature).ok());
}

}  // namespace
}  // namespace flotilla::security
