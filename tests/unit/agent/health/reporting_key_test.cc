#include "agent/health/reporting_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/health/health_paths.h"
#include "base/file.h"
#include "base/os_durable_fs.h"
#include "telemetry/dp/ledger_record.h"
#include "tests/support/power_cut_fs.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

class ReportingKeyTest : public testing::Test {
 protected:
  bool HasLedger() { return FileSize(LedgerPath(dir_.path())).ok(); }

  const TempDir dir_;
  OsDurableFs fs_;
};

TEST_F(ReportingKeyTest, EnrolmentMakesLedgerAndKeyOnce) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_TRUE(HasLedger());
  const Bytes key = *ReadFile(ReportingKeyPath(dir_.path()), 4096);
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_EQ(key, *ReadFile(ReportingKeyPath(dir_.path()), 4096));
}

TEST_F(ReportingKeyTest, ALedgerThatWasLostIsNotMadeAnew) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  ASSERT_TRUE(DurableRemove(fs_, LedgerPath(dir_.path())).ok());
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_FALSE(HasLedger());
}

TEST_F(ReportingKeyTest, AnUpgradedDeviceGetsAKeyAndNoLedger) {
  ASSERT_TRUE(ReportingKey(fs_, dir_.path()).ok());
  EXPECT_FALSE(HasLedger());
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_FALSE(HasLedger());
}

TEST_F(ReportingKeyTest, ACopiedKeyIsForgottenAndTheLedgerStays) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  const Bytes key = *ReadFile(ReportingKeyPath(dir_.path()), 4096);
  ASSERT_TRUE(ForgetReportingKey(fs_, dir_.path()).ok());
  ASSERT_TRUE(ForgetReportingKey(fs_, dir_.path()).ok());
  EXPECT_TRUE(HasLedger());
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_NE(key, *ReadFile(ReportingKeyPath(dir_.path()), 4096));
}

TEST_F(ReportingKeyTest, TheLineForTheHelperIsBase64AndTheDevicesName) {
  EXPECT_EQ(StatusCode::kNotFound, ReportingKeyLine(dir_.path(), "pump-7").status().code());
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  EXPECT_THAT(*ReportingKeyLine(dir_.path(), "pump-7"),
              testing::MatchesRegex("MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}= pump-7"));
}

TEST_F(ReportingKeyTest, AfterAPowerCutAtAnyCallEnrolmentGoesOn) {
  for (const CutMode mode : {CutMode::kKill, CutMode::kPower, CutMode::kTorn}) {
    bool cut = true;
    for (std::uint64_t cut_at = 1; cut; ++cut_at) {
      const TempDir dir;
      PowerCutFs fs(dir.path(), cut_at, mode);
      PrepareToReport(fs, dir.path()).IgnoreError();
      fs.Restore();
      ASSERT_TRUE(PrepareToReport(fs_, dir.path()).ok()) << cut_at;
      const auto ledger = ReadFile(LedgerPath(dir.path()), 4096);
      ASSERT_TRUE(ledger.ok()) << cut_at;
      EXPECT_TRUE(dp::ReadLedger(*ledger).intact) << cut_at;
      cut = fs.was_cut();
    }
  }
}

}  // namespace
}  // namespace flotilla::agent
