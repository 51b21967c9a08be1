#include "controller/health/leader_keys.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/public_key.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

class LeaderKeysTest : public testing::Test {
 protected:
  std::unique_ptr<LeaderKeys> Open() {
    auto keys = LeaderKeys::Open(folder_.path() / "health", fs_, random_, now_);
    EXPECT_TRUE(keys.ok()) << keys.status();
    return keys.ok() ? *std::move(keys) : nullptr;
  }
  // What a device that trusts the identity seals for.
  StatusOr<dap::HpkeConfig> Chosen(const LeaderKeys& keys) const {
    FLOTILLA_ASSIGN_OR_RETURN(const auto configs,
                              dap::SignedHpkeConfigs::Decode(keys.signed_configs()));
    FLOTILLA_ASSIGN_OR_RETURN(const auto identity,
                              security::LoadPublicKey(folder_.path() / "health" / "leader.pub"));
    return dap::VerifyHpkeConfigs(configs, dap::Role::kLeader, identity, now_);
  }

  TempDir folder_;
  OsDurableFs fs_;
  SeededRandom random_{5};
  Time now_ = *ParseUtcText("2026-03-01T00:00:00Z");
};

TEST_F(LeaderKeysTest, AreMadeAtTheFirstStartAndReadAtTheNext) {
  const auto made = Open();
  const auto read = Open();
  EXPECT_EQ(made->identity(), read->identity());
  EXPECT_EQ(made->collector(), read->collector());
  EXPECT_EQ(*Chosen(*made), *Chosen(*read));
  EXPECT_EQ(Chosen(*made)->id, 1);
}

TEST_F(LeaderKeysTest, AreRotatedAtHalfOfTheirLifeAndTheOldOnesOpenOn) {
  const auto keys = Open();
  const auto first = *Chosen(*keys);
  now_ += dap::kMaxHpkeConfigLife / 2 - absl::Seconds(1);
  EXPECT_FALSE(*keys->Rotate(now_));
  now_ += absl::Seconds(1);
  EXPECT_TRUE(*keys->Rotate(now_));
  EXPECT_EQ(Chosen(*keys)->id, 2);
  EXPECT_NE(Chosen(*keys)->public_key, first.public_key);
  EXPECT_TRUE(keys->Shares()->contains(1));
  EXPECT_TRUE(keys->Shares()->contains(2));
  EXPECT_EQ(*Chosen(*Open()), *Chosen(*keys));
  EXPECT_EQ(Open()->collector(), keys->collector());
}

TEST_F(LeaderKeysTest, AreForgottenWhenNoReportCanBeSealedForThemAnyMore) {
  const auto keys = Open();
  now_ += 3 * dap::kMaxHpkeConfigLife;
  EXPECT_TRUE(*keys->Rotate(now_));
  EXPECT_FALSE(keys->Shares()->contains(1));
  EXPECT_TRUE(keys->Shares()->contains(2));
  EXPECT_TRUE(Chosen(*keys).ok());
}

TEST_F(LeaderKeysTest, AreTakenByDevicesWhoseClocksAreBehindAndMadeAnewWhenThisOneWasAhead) {
  const auto keys = Open();
  now_ -= absl::Minutes(10);
  EXPECT_TRUE(Chosen(*keys).ok());
  EXPECT_FALSE(*keys->Rotate(now_));
  now_ -= absl::Seconds(1);
  EXPECT_FALSE(Chosen(*keys).ok());
  EXPECT_TRUE(*keys->Rotate(now_));
  EXPECT_TRUE(Chosen(*keys).ok());
  EXPECT_EQ(Chosen(*keys)->id, 2);
}

TEST_F(LeaderKeysTest, AreRefusedWhenTheirFileIsDamaged) {
  Open();
  const auto file = folder_.path() / "health" / "hpke.keys";
  const Bytes whole = *ReadFile(file, 1'000);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(DurableWrite(fs_, file, ByteView(whole).first(size)).ok());
    EXPECT_EQ(LeaderKeys::Open(folder_.path() / "health", fs_, random_, now_).status().code(),
              StatusCode::kDataLoss)
        << size;
  }
}

}  // namespace
}  // namespace flotilla::controller
