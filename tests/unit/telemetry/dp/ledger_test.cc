#include "telemetry/dp/ledger.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "telemetry/dp/budget.h"
#include "telemetry/dp/ledger_record.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::dp {
namespace {

constexpr Duration kDay = absl::Hours(24);
constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000);
constexpr LedgerTime kNow = {kStart, kStart};

Charge Gate(std::uint32_t number) {
  Charge charge;
  charge.id = {static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8U)};
  charge.metric = 1;
  charge.cost = {kNanoEpsilon, 0};
  return charge;
}

class LedgerTest : public testing::Test {
 protected:
  std::unique_ptr<Ledger> Open(const LedgerTime& time = kNow) {
    return Ledger::Open(fs_, path_, time).value();
  }
  Bytes Content() { return ReadFile(path_, 1U << 24U).value(); }
  void Put(const Bytes& bytes) {
    std::ofstream file(path_, std::ios::binary | std::ios::trunc);
    file.write(AsText(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  }

  TempDir dir_;
  OsDurableFs fs_;
  std::filesystem::path path_ = dir_.path() / "ledger";
};

TEST_F(LedgerTest, BeginsFullAtEnrolmentAndRemembersWhatWasSpent) {
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  auto ledger = Open();
  EXPECT_EQ(ledger->book().RemainingNanoEpsilon(kStart), kCapNanoEpsilon);
  EXPECT_TRUE(ledger->Spend(Gate(1), kNow).ok());
  EXPECT_TRUE(ledger->Spend(Gate(2), kNow).ok());
  ledger = Open();
  EXPECT_EQ(ledger->book().RemainingNanoEpsilon(kStart), 6 * kNanoEpsilon);
  EXPECT_EQ(ledger->Spend(Gate(2), kNow).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(ledger->Spend(Gate(3), kNow).ok());
  EXPECT_EQ(Open()->book().records().size(), 3U);
}

TEST_F(LedgerTest, EnrolmentDoesNotRefillALedgerThatIsThere) {
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  ASSERT_TRUE(Open()->Spend(Gate(1), kNow).ok());
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  EXPECT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 7 * kNanoEpsilon);
  Put(ToBytes("damaged"));
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  EXPECT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 0U);
}

TEST_F(LedgerTest, OnlyAppends) {
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  auto ledger = Open();
  Bytes before = Content();
  for (std::uint32_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(ledger->Spend(Gate(i), kNow).ok());
    const Bytes after = Content();
    ASSERT_EQ(after.size(), before.size() + kLedgerRecordBytes);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
    before = after;
  }
  EXPECT_EQ(ledger->Spend(Gate(8), kNow).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Content(), before);
}

TEST_F(LedgerTest, AMissingFileIsASpentBudgetAndStaysOne) {
  EXPECT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 0U);
  EXPECT_EQ(Open()->Spend(Gate(1), kNow).code(), StatusCode::kResourceExhausted);
  const Time later = kStart + 89 * kDay;
  EXPECT_EQ(Open({later, later})->book().RemainingNanoEpsilon(later), 0U);
}

TEST_F(LedgerTest, TheDeviceSpeaksAgainOneWindowAfterTheLoss) {
  EXPECT_EQ(Open()->book().records().size(), 1U);
  const Time later = kStart + 90 * kDay;
  EXPECT_TRUE(Open({later, later})->Spend(Gate(1), {later, later}).ok());
}

TEST_F(LedgerTest, EveryDamagedByteCostsTheWholeBudget) {
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  ASSERT_TRUE(Open()->Spend(Gate(1), kNow).ok());
  const Bytes good = Content();
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x10U;
    Put(bad);
    ASSERT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 0U) << i;
    ASSERT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 0U) << i;  // written down
  }
}

TEST_F(LedgerTest, ATornEndCostsTheWholeBudgetAndKeepsWhatStoodBeforeIt) {
  ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
  ASSERT_TRUE(Open()->Spend(Gate(1), kNow).ok());
  ASSERT_TRUE(Open()->Spend(Gate(2), kNow).ok());
  Bytes torn = Content();
  torn.pop_back();
  Put(torn);
  const auto ledger = Open();
  ASSERT_EQ(ledger->book().records().size(), 2U);
  EXPECT_EQ(ledger->book().records()[0].charge, Gate(1));
  EXPECT_EQ(ledger->book().records()[1].kind, LedgerRecordKind::kLost);
}

TEST_F(LedgerTest, ALossIsNotWrittenDownByAClockThatIsNotBelieved) {
  const LedgerTime future = {kStart + 400 * kDay, kStart};
  EXPECT_EQ(Ledger::Open(fs_, path_, future).status().code(), StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LedgerTest, AnUnreadableFileIsNoLedger) {
  std::filesystem::create_directory(path_);
  EXPECT_FALSE(Ledger::Open(fs_, path_, kNow).ok());
  EXPECT_FALSE(Ledger::CreateAtEnrolment(fs_, path_).ok());
}

TEST_F(LedgerTest, ChargesThatTheDiskDidNotTakeCountAsSpent) {
  for (std::uint64_t failing = 1; failing <= 7; ++failing) {
    std::filesystem::remove(path_);
    ASSERT_TRUE(Ledger::CreateAtEnrolment(fs_, path_).ok());
    PowerCutFs bad_disk(dir_.path(), failing, CutMode::kOneFailure);
    auto ledger = Ledger::Open(bad_disk, path_, kNow);
    if (!ledger.ok()) {
      continue;
    }
    std::uint64_t promised = 0;
    for (std::uint32_t i = 0; i < 3; ++i) {
      promised += (*ledger)->Spend(Gate(i), kNow).ok() ? kNanoEpsilon : 0;
    }
    EXPECT_GE(promised, 2 * kNanoEpsilon);  // it recovers from one failure
    EXPECT_LE((*ledger)->book().RemainingNanoEpsilon(kStart), kCapNanoEpsilon - promised);
    EXPECT_TRUE((*ledger)->Spend(Gate(3), kNow).ok());  // writes down what may be missing, too
    EXPECT_TRUE((*ledger)->book().records() == Open()->book().records());
  }
}

TEST_F(LedgerTest, DropsOldRecordsWhenThereAreMany) {
  std::vector<LedgerRecord> records;
  for (std::uint32_t i = 0; i < Ledger::kTidyRecords; ++i) {
    records.push_back({LedgerRecordKind::kCharge, absl::FromUnixSeconds(1'600'000'000), Gate(i)});
  }
  Put(EncodeLedger(records));
  EXPECT_EQ(Open()->book().records().size(), Ledger::kTidyRecords);
  ASSERT_TRUE(Open()->Spend(Gate(100'000), kNow).ok());
  EXPECT_EQ(Open()->book().records().size(), 1U);
  EXPECT_EQ(Open()->book().RemainingNanoEpsilon(kStart), 7 * kNanoEpsilon);
}

}  // namespace
}  // namespace flotilla::dp
