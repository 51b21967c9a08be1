#include "telemetry/dap/hpke_config.h"

#include <memory>

#include <gtest/gtest.h>

#include "security/key_file.h"
#include "tests/unit/telemetry/dap/refusal.h"

namespace flotilla::dap {
namespace {

class SignedConfigs : public ::testing::Test {
 protected:
  static HpkeConfig Config(std::uint8_t id, std::size_t size = 32) {
    HpkeConfig config;
    config.id = id;
    config.public_key = Bytes(size, id);
    return config;
  }
  StatusOr<HpkeConfig> Verify(const SignedHpkeConfigs& configs, Duration later = {}) const {
    return VerifyHpkeConfigs(configs, Role::kHelper, helper_->public_key(), now_ + later);
  }
  SignedHpkeConfigs Sign(const HpkeConfigList& list) {
    return *SignHpkeConfigs(list, Role::kHelper, now_, absl::Hours(24), *helper_);
  }

  std::unique_ptr<security::KeyPair> helper_ = *security::GenerateEd25519();
  std::unique_ptr<security::KeyPair> controller_ = *security::GenerateEd25519();
  Time now_ = absl::FromUnixSeconds(1'800'000'000);
  HpkeConfigList list_{.configs = {Config(4), Config(5)}};
};

TEST_F(SignedConfigs, TheFirstOfOurSuiteIsTaken) {
  EXPECT_EQ(*Verify(Sign(list_)), Config(4));
  HpkeConfig p256 = Config(1, 65);
  p256.kem = 0x0010;
  EXPECT_EQ(*Verify(Sign({.configs = {p256, Config(9, 31), Config(5)}})), Config(5));
  EXPECT_EQ(Verify(Sign({.configs = {p256}})).status().code(), StatusCode::kNotFound);
}

TEST_F(SignedConfigs, AnExchangedKeyIsRefused) {
  SignedHpkeConfigs configs = Sign(list_);
  configs.list.configs[0].public_key[0] ^= 1;
  EXPECT_EQ(Verify(configs).status().code(), StatusCode::kPermissionDenied);
  // Signed by who carries it.
  const SignedHpkeConfigs forged =
      *SignHpkeConfigs(list_, Role::kHelper, now_, absl::Hours(24), *controller_);
  EXPECT_EQ(Verify(forged).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(SignedConfigs, EveryFlippedByteIsRefused) {
  const Bytes good = Sign(list_).Encode();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    const auto configs = SignedHpkeConfigs::Decode(bad);
    EXPECT_FALSE(configs.ok() && Verify(*configs).ok()) << i;
  }
}

TEST_F(SignedConfigs, AreGoodForTheirLifeAlone) {
  const SignedHpkeConfigs configs = Sign(list_);
  EXPECT_TRUE(Verify(configs, absl::Hours(24) - absl::Seconds(1)).ok());
  for (const Duration later : {absl::Hours(24), -absl::Seconds(1), -absl::Hours(24 * 365 * 60)}) {
    EXPECT_EQ(Verify(configs, later).status().code(), StatusCode::kFailedPrecondition);
  }
}

TEST_F(SignedConfigs, OfTheLeaderAreNotTheHelpers) {
  const SignedHpkeConfigs configs =
      *SignHpkeConfigs(list_, Role::kLeader, now_, absl::Hours(24), *helper_);
  EXPECT_EQ(Verify(configs).status().code(), StatusCode::kPermissionDenied);
}

TEST_F(SignedConfigs, AreNotSignedForNobodyForEverOrForAnotherRole) {
  const auto code = [&](const HpkeConfigList& list, Role role, Duration life) {
    return SignHpkeConfigs(list, role, now_, life, *helper_).status().code();
  };
  EXPECT_EQ(code({}, Role::kHelper, absl::Hours(1)), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(list_, Role::kClient, absl::Hours(1)), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(list_, Role::kHelper, absl::Hours(24 * 91)), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(list_, Role::kHelper, {}), StatusCode::kInvalidArgument);
}

TEST_F(SignedConfigs, AreDecodedWholeOrNotAtAll) {
  ExpectOnlyTheWhole(Sign(list_).Encode(), SignedHpkeConfigs::Decode);
  EXPECT_FALSE(HpkeConfigList::Decode({}).ok());
  EXPECT_FALSE(
      HpkeConfigList::Decode(HpkeConfigList{.configs = {Config(4), Config(4)}}.Encode()).ok());
}

}  // namespace
}  // namespace flotilla::dap
