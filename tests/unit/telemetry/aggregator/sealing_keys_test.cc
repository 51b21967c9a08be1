#include "telemetry/aggregator/sealing_keys.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "telemetry/aggregator/task_policy.h"
#include "telemetry/dp/budget.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::telemetry {
namespace {

constexpr Duration kLife = absl::Hours(24 * 30);
const Time kStart = absl::FromUnixSeconds(1'800'000'000);

class SealingKeysTest : public testing::Test {
 protected:
  StatusOr<std::unique_ptr<SealingKeys>> Open(Time now) {
    return SealingKeys::Open(file_, kLife, {*identity_, fs_, random_}, now);
  }
  // The configuration that a device would seal for at `now`.
  StatusOr<dap::HpkeConfig> Chosen(const SealingKeys& keys, Time now) {
    return dap::VerifyHpkeConfigs(*dap::SignedHpkeConfigs::Decode(keys.signed_configs()),
                                  dap::Role::kHelper, identity_->public_key(), now);
  }

  TempDir folder_;
  const std::filesystem::path file_ = folder_.path() / "sealing.keys";
  OsDurableFs fs_;
  SeededRandom random_{5};
  std::unique_ptr<security::KeyPair> identity_ = *security::GenerateEd25519();
};

TEST_F(SealingKeysTest, MakesAKeyThatTheIdentitySigned) {
  const auto keys = *Open(kStart);
  const dap::HpkeConfig config = *Chosen(*keys, kStart);
  const dap::HpkeKeyring ring = *keys->Ring();
  ASSERT_EQ(ring.count(config.id), 1U);
  const auto& public_key = ring.at(config.id).public_key;
  EXPECT_EQ(Bytes(public_key.begin(), public_key.end()), config.public_key);
  EXPECT_TRUE(Chosen(*keys, kStart + kLife - absl::Seconds(1)).ok());
  EXPECT_FALSE(Chosen(*keys, kStart + kLife).ok());
}

TEST_F(SealingKeysTest, SaysTheSameBytesAfterARestart) {
  const Bytes said = (*Open(kStart))->signed_configs();
  const auto again = *Open(kStart + kLife / 2 - absl::Seconds(1));
  EXPECT_EQ(again->signed_configs(), said);
  EXPECT_EQ(again->Ring()->size(), 1U);
}

TEST_F(SealingKeysTest, MakesTheNextKeyAtHalfOfTheLifeAndKeepsTheOldOne) {
  const auto keys = *Open(kStart);
  const dap::HpkeConfig first = *Chosen(*keys, kStart);
  EXPECT_FALSE(*keys->Refresh(kStart + kLife / 2 - absl::Seconds(1)));
  EXPECT_TRUE(*keys->Refresh(kStart + kLife / 2));
  const dap::HpkeConfig second = *Chosen(*keys, kStart + kLife / 2);
  EXPECT_NE(second.id, first.id);
  EXPECT_NE(second.public_key, first.public_key);
  EXPECT_EQ(keys->Ring()->size(), 2U);
  EXPECT_EQ((*Open(kStart + kLife / 2))->Ring()->count(first.id), 1U);
}

TEST_F(SealingKeysTest, DropsAKeyOnceNothingCanBeUnderWayForIt) {
  const auto keys = *Open(kStart);
  const std::uint8_t first = Chosen(*keys, kStart)->id;
  const Time end = kStart + kLife + kReportsUnderWay;
  ASSERT_TRUE(keys->Refresh(end - absl::Seconds(1)).ok());
  EXPECT_EQ(keys->Ring()->count(first), 1U);
  ASSERT_TRUE(*keys->Refresh(end));
  EXPECT_EQ(keys->Ring()->count(first), 0U);
  const std::string file = ToText(*ReadFile(file_, 1U << 16U));
  EXPECT_EQ(file.find(std::to_string(first) + " "), std::string::npos) << "gone from disk too";
}

TEST_F(SealingKeysTest, AnIdIsNotGivenAgainWhileItsKeyIsKept) {
  const auto keys = *Open(kStart);
  Time now = kStart;
  for (int i = 0; i < 300; ++i) {
    now += kLife / 2;
    ASSERT_TRUE(keys->Refresh(now).ok());
    const dap::HpkeKeyring ring = *keys->Ring();
    ASSERT_LE(ring.size(), 8U);
    ASSERT_GE(ring.size(), 2U);
  }
}

TEST_F(SealingKeysTest, AfterALongAbsenceThereIsAFreshKey) {
  (void)*Open(kStart);
  const Time now = kStart + kLife + absl::Hours(1);
  const auto keys = *Open(now);
  EXPECT_TRUE(Chosen(*keys, now).ok());
  EXPECT_EQ(keys->Ring()->size(), 2U);
}

TEST_F(SealingKeysTest, ADamagedFileIsSaidToBeOne) {
  (void)*Open(kStart);
  const std::string whole = ToText(*ReadFile(file_, 1U << 16U));
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() - 1), whole.substr(0, 20) + "\n",
        "300" + whole.substr(1), whole.substr(0, whole.size() - 3) + "\n", whole + "\n",
        "1 5 5 " + whole.substr(whole.rfind(' ') + 1)}) {
    std::ofstream(file_, std::ios::trunc) << text;
    EXPECT_EQ(Open(kStart).status().code(), StatusCode::kDataLoss) << text;
  }
}

TEST(SealingKeyTimes, CoverTheLongestWindowThatTheHelperTakes) {
  EXPECT_GE(kReportsUnderWay, 2 * kLongestWindow + absl::Minutes(5));
  // And what a device spent in such a window is remembered until the window is closed.
  EXPECT_GT(dp::kBudgetWindow, 2 * kLongestWindow + absl::Minutes(10));
}

TEST_F(SealingKeysTest, TheFileIsForItsOwnerAlone) {
  (void)*Open(kStart);
  struct stat info {};
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace flotilla::telemetry
