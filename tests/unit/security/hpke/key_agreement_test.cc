#include "security/hpke/dhkem.h"

#include <array>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "base/bytes.h"
#include "security/hpke/labeled_hkdf.h"
#include "tests/support/seeded_random.h"

namespace flotilla::security {
namespace {

HpkeKeyPair Pair(std::uint64_t seed) {
  SeededRandom random(seed);
  return GenerateHpkeKeyPair(random).value();
}

// Every encoding of a point whose multiples by a clamped scalar are the neutral element
// (RFC 7748 section 6.1; "May the Fourth Be With You", 2017, table of small orders).
const std::array<std::string, 7> kSmallOrder = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

TEST(HpkeKeyAgreement, RefusesEveryPointOfSmallOrderOnBothSides) {
  const HpkeKeyPair mine = Pair(1);
  for (const std::string& text : kSmallOrder) {
    const Bytes point = HexDecode(text).value();
    EXPECT_EQ(Encapsulate(mine, point).status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(Decapsulate(point, mine).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(ERR_peek_error(), 0UL);  // no error is left for the next caller
}

TEST(HpkeKeyAgreement, RefusesKeysOfAnotherLength) {
  const HpkeKeyPair mine = Pair(1);
  for (const std::size_t size : {0U, 31U, 33U}) {
    const Bytes key(size, 9);
    EXPECT_EQ(Encapsulate(mine, key).status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(Decapsulate(key, mine).status().code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(HpkeKeyPairOf(key).status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(HpkeKeyAgreement, GivesBothSidesTheSameSecret) {
  const HpkeKeyPair receiver = Pair(1);
  const Encapsulated agreed = Encapsulate(Pair(2), receiver.public_key).value();
  EXPECT_EQ(HexEncode(agreed.shared_secret.view()),
            HexEncode(Decapsulate(agreed.enc, receiver).value().view()));
  const HpkeKeyPair stranger = Pair(3);
  EXPECT_NE(HexEncode(agreed.shared_secret.view()),
            HexEncode(Decapsulate(agreed.enc, stranger).value().view()));
}

TEST(HpkeKeyAgreement, DerivesNoPairFromTooLittle) {
  EXPECT_EQ(DeriveHpkeKeyPair(Bytes(31)).status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(DeriveHpkeKeyPair(Bytes(32)).ok());
  EXPECT_TRUE(DeriveHpkeKeyPair(Bytes(65)).ok());
}

TEST(HpkeKeyAgreement, AStoredPrivateKeyHasTheSamePublicKey) {
  const HpkeKeyPair pair = Pair(4);
  EXPECT_EQ(HpkeKeyPairOf(pair.private_key.view()).value().public_key, pair.public_key);
}

TEST(LabeledHkdf, GivesAtMost255Blocks) {
  const LabeledHkdf hkdf({'x'});
  const SecretBytes prk{ByteView(Bytes(32, 1))};
  EXPECT_EQ(hkdf.Expand(prk, "a", {}, 8160).value().size(), 8160U);
  EXPECT_EQ(hkdf.Expand(prk, "a", {}, 8161).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(hkdf.Expand(prk, "a", {}, 0).value().size(), 0U);
}

TEST(LabeledHkdf, BindsTheLengthTheLabelAndTheSuite) {
  const SecretBytes prk{ByteView(Bytes(32, 1))};
  const auto first16 = [&prk](const Bytes& suite, const std::string& label, std::size_t length) {
    return HexEncode(LabeledHkdf(suite).Expand(prk, label, {}, length).value().view().first(16));
  };
  const std::string one = first16({'x'}, "a", 16);
  EXPECT_EQ(one, first16({'x'}, "a", 16));
  EXPECT_NE(one, first16({'x'}, "a", 17));
  EXPECT_NE(one, first16({'x'}, "b", 16));
  EXPECT_NE(one, first16({'y'}, "a", 16));
}

}  // namespace
}  // namespace flotilla::security
