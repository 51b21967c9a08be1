#include "security/hpke.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "security/hpke/aes_gcm.h"
#include "tests/support/seeded_random.h"

namespace flotilla::security {
namespace {

struct Sides {
  SeededRandom random{7};
  HpkeKeyPair receiver = GenerateHpkeKeyPair(random).value();
  Bytes info = ToBytes("dap-18 input share");
  Bytes aad = ToBytes("task and report");
  Bytes plaintext = ToBytes("a share");

  HpkeSealed Sealed() {
    return HpkeSeal(receiver.public_key, info, aad, plaintext, random).value();
  }
};

TEST(Hpke, OpensWhatWasSealedForTheKey) {
  Sides sides;
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 1000U}) {
    sides.plaintext = Bytes(size, 0x5a);
    const HpkeSealed sealed = sides.Sealed();
    EXPECT_EQ(sealed.ciphertext.size(), size + kHpkeTagBytes);
    EXPECT_EQ(
        HpkeOpen(sealed.enc, sides.receiver, sides.info, sides.aad, sealed.ciphertext).value(),
        sides.plaintext);
  }
}

TEST(Hpke, EverySealHasAKeyOfItsOwn) {
  Sides sides;
  const HpkeSealed one = sides.Sealed();
  const HpkeSealed two = sides.Sealed();
  EXPECT_NE(one.enc, two.enc);
  EXPECT_NE(one.ciphertext, two.ciphertext);
}

TEST(Hpke, RefusesEveryFlippedBit) {
  Sides sides;
  const HpkeSealed sealed = sides.Sealed();
  for (std::size_t bit = 0; bit < sealed.ciphertext.size() * 8; ++bit) {
    Bytes changed = sealed.ciphertext;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(HpkeOpen(sealed.enc, sides.receiver, sides.info, sides.aad, changed).status().code(),
              StatusCode::kUnauthenticated)
        << bit;
  }
}

TEST(Hpke, RefusesAnotherKeyContextOrEncapsulation) {
  Sides sides;
  const HpkeSealed sealed = sides.Sealed();
  const HpkeSealed other = sides.Sealed();
  const HpkeKeyPair stranger = GenerateHpkeKeyPair(sides.random).value();
  const auto code = [&](const X25519PublicKey& enc, const HpkeKeyPair& key, const Bytes& info,
                        const Bytes& aad) {
    return HpkeOpen(enc, key, info, aad, sealed.ciphertext).status().code();
  };
  const Bytes different = ToBytes("different");
  const auto refused = StatusCode::kUnauthenticated;
  EXPECT_EQ(code(sealed.enc, sides.receiver, sides.info, sides.aad), StatusCode::kOk);
  EXPECT_EQ(code(other.enc, sides.receiver, sides.info, sides.aad), refused);
  EXPECT_EQ(code(sealed.enc, stranger, sides.info, sides.aad), refused);
  EXPECT_EQ(code(sealed.enc, sides.receiver, different, sides.aad), refused);
  EXPECT_EQ(code(sealed.enc, sides.receiver, sides.info, different), refused);
  EXPECT_EQ(code(sealed.enc, sides.receiver, {}, sides.aad), refused);
  EXPECT_EQ(code(sealed.enc, sides.receiver, sides.info, {}), refused);
}

TEST(Hpke, RefusesWhatIsCutShort) {
  Sides sides;
  const HpkeSealed sealed = sides.Sealed();
  for (std::size_t size = 0; size < sealed.ciphertext.size(); ++size) {
    const Bytes cut(sealed.ciphertext.begin(),
                    sealed.ciphertext.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(HpkeOpen(sealed.enc, sides.receiver, sides.info, sides.aad, cut).status().code(),
              size < kHpkeTagBytes ? StatusCode::kInvalidArgument : StatusCode::kUnauthenticated);
  }
}

TEST(Hpke, SealsForNoPointOfSmallOrder) {
  Sides sides;
  EXPECT_EQ(HpkeSeal(Bytes(32), sides.info, {}, {}, sides.random).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(HpkeOpen(Bytes(32), sides.receiver, sides.info, {}, Bytes(16)).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(HpkeContext, OpensMessagesInTheirOrderOnly) {
  Sides sides;
  HpkeSender sender =
      HpkeSender::Start(sides.receiver.public_key, sides.info, sides.random).value();
  const Bytes first = sender.Seal({}, ToBytes("first")).value();
  const Bytes second = sender.Seal({}, ToBytes("second")).value();
  EXPECT_EQ(sender.sequence_number(), 2U);

  HpkeReceiver receiver = HpkeReceiver::Start(sender.enc(), sides.receiver, sides.info).value();
  EXPECT_EQ(receiver.Open({}, second).status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ToText(receiver.Open({}, first).value()), "first");  // a refusal does not advance it
  EXPECT_EQ(receiver.Open({}, first).status().code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(ToText(receiver.Open({}, second).value()), "second");
  EXPECT_EQ(receiver.sequence_number(), 2U);
}

TEST(HpkeContext, ExportsTheSameBytesOnBothSidesAndOthersForOtherContexts) {
  Sides sides;
  const HpkeSender sender =
      HpkeSender::Start(sides.receiver.public_key, sides.info, sides.random).value();
  const HpkeReceiver receiver =
      HpkeReceiver::Start(sender.enc(), sides.receiver, sides.info).value();
  const auto text = [](const HpkeContext& context, const std::string& name, std::size_t length) {
    return HexEncode(context.Export(AsBytes(name), length).value().view());
  };
  EXPECT_EQ(text(sender, "a", 48), text(receiver, "a", 48));
  EXPECT_NE(text(sender, "a", 48), text(receiver, "b", 48));
  EXPECT_EQ(sender.Export({}, 8161).status().code(), StatusCode::kInvalidArgument);
}

TEST(HpkeNonce, CountsFromTheBaseNonceInItsLastBytes) {
  HpkeKeys keys;
  keys.base_nonce = SecretBytes(HexDecode("ffffffff0000000000000000").value());
  EXPECT_EQ(HexEncode(HpkeNonce(keys, 0)), "ffffffff0000000000000000");
  EXPECT_EQ(HexEncode(HpkeNonce(keys, 0x0102)), "ffffffff0000000000000102");
  EXPECT_EQ(HexEncode(HpkeNonce(keys, UINT64_MAX)), "ffffffffffffffffffffffff");
}

TEST(AesGcm, TakesKeysAndNoncesOfOneLength) {
  EXPECT_EQ(AesGcmSeal(Bytes(32), Bytes(12), {}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(AesGcmSeal(Bytes(16), Bytes(16), {}, {}).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(AesGcmOpen(Bytes(16), Bytes(16), {}, Bytes(16)).status().code(),
            StatusCode::kInvalidArgument);
}

TEST(AesGcm, AgreesWithThePublishedTestCases) {
  // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 1 and 2.
  EXPECT_EQ(HexEncode(AesGcmSeal(Bytes(16), Bytes(12), {}, {}).value()),
            "58e2fccefa7e3061367f1d57a4e7455a");
  EXPECT_EQ(HexEncode(AesGcmSeal(Bytes(16), Bytes(12), {}, Bytes(16)).value()),
            "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf");
}

}  // namespace
}  // namespace flotilla::security
