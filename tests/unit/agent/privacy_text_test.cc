#include "agent/app/privacy_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/health/health_paths.h"
#include "agent/health/reporting_key.h"
#include "agent/health/sent_log.h"
#include "agent/health/spool.h"
#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "telemetry/dp/ledger.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

using testing::HasSubstr;
using testing::Not;

const Time kNow = ParseUtcText("2026-03-01T00:00:00Z").value();

class PrivacyText : public testing::Test {
 protected:
  PrivacyText() { config_.set_state_dir(dir_.path().string()); }
  std::string Text(ShowBytes bytes = ShowBytes::kCounted) {
    return flotilla::agent::PrivacyText(config_, bytes, kNow).value();
  }
  void Spend(std::uint64_t nano_epsilon, Time at) {
    auto ledger = dp::Ledger::Open(fs_, LedgerPath(dir_.path()), {at, at}).value();
    dp::Charge charge;
    charge.id[0] = ++charges_;
    charge.metric = 1;
    charge.cost = {nano_epsilon, 0};
    ASSERT_TRUE(ledger->Spend(charge, {at, at}).ok());
  }

  const TempDir dir_;
  OsDurableFs fs_;
  config::v1::AgentConfig config_;
  std::uint8_t charges_ = 0;
};

TEST_F(PrivacyText, OfAFreshDeviceSaysThatNothingIsReported) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("switches: off are usage_band\n"));
  EXPECT_THAT(text, HasSubstr("demonstrations: not answered\n"));
  EXPECT_THAT(text, HasSubstr("helper: none is pinned"));
  EXPECT_THAT(text, HasSubstr("budget: epsilon 8 of 8 is left"));
  EXPECT_THAT(text, HasSubstr("no agent has measured anything here yet"));
  EXPECT_THAT(text, HasSubstr("sent, oldest first:\nnothing\n"));
}

TEST_F(PrivacyText, NamesThePinnedHelperAndWhatIsOff) {
  const auto key = *security::GenerateEd25519();
  const auto file = dir_.path() / "helper.pub";
  ASSERT_TRUE(security::SavePublicKey(fs_, file, key->public_key()).ok());
  config_.mutable_health()->set_helper_identity(file.string());
  (*config_.mutable_health()->mutable_metrics())["temp_max_c"] = false;
  EXPECT_THAT(Text(), HasSubstr("helper: SHA-256 of its identity key "));
  EXPECT_THAT(Text(), HasSubstr("off are temp_max_c, usage_band"));
  config_.mutable_health()->set_off(true);
  EXPECT_THAT(Text(), HasSubstr("all metrics are off"));
  (*config_.mutable_health()->mutable_metrics())["no_such"] = true;
  EXPECT_EQ(StatusCode::kInvalidArgument,
            flotilla::agent::PrivacyText(config_, ShowBytes::kCounted, kNow).status().code());
}

TEST_F(PrivacyText, SaysWhatIsLeftAndWhenMoreIsFree) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  Spend(dp::kNanoEpsilon * 3 / 2, kNow - absl::Hours(24 * 10));
  EXPECT_THAT(Text(), HasSubstr("budget: epsilon 6.5 of 8 is left"));
  EXPECT_THAT(Text(), HasSubstr("more is free from: 2026-05-20T00:00:00Z"));
  EXPECT_THAT(LedgerText(dir_.path(), kNow),
              HasSubstr("2026-02-19T00:00:00Z gate_verdict, epsilon 1.5, report 01000000"));
  EXPECT_THAT(LedgerText(dir_.path(), kNow + absl::Hours(24 * 200)), HasSubstr("(counts no more)"));
}

TEST_F(PrivacyText, OfAnUpgradedDeviceSaysWhyItIsSilentAndUntilWhen) {
  EXPECT_THAT(Text(), HasSubstr("budget: no ledger. A device that was enrolled before"));
  ASSERT_TRUE(ReportingKey(fs_, dir_.path()).ok());
  ASSERT_TRUE(dp::Ledger::Open(fs_, LedgerPath(dir_.path()), {kNow, kNow}).ok());
  EXPECT_THAT(Text(), HasSubstr("epsilon 0 of 8 is left"));
  EXPECT_THAT(Text(), HasSubstr("more is free from: 2026-05-30T00:00:00Z"));
  EXPECT_THAT(Text(), HasSubstr("until then nothing is reported"));
  EXPECT_THAT(LedgerText(dir_.path(), kNow), HasSubstr("the whole budget"));
}

TEST_F(PrivacyText, ShowsReportsThatWaitByTheirSizeOrByEveryByte) {
  SpoolEntry entry;
  entry.send_at = kNow;
  entry.uploads_end = kNow + absl::Hours(1);
  entry.window_start = kNow - absl::Hours(2);
  entry.window = absl::Hours(1);
  entry.metric = 2;
  entry.upload = Bytes(1196, 0xab);
  ASSERT_TRUE(Spool::Open(fs_, SpoolDir(dir_.path()))->Put(entry).ok());
  EXPECT_THAT(Text(), HasSubstr("ttft_p95_ms window 2026-02-28T22:00:00Z 1h, 1196 bytes, goes out "
                                "at 2026-03-01T00:00:00Z\n"));
  EXPECT_THAT(Text(), Not(HasSubstr("abab")));
  EXPECT_THAT(Text(ShowBytes::kAll), HasSubstr(HexEncode(entry.upload)));
}

TEST_F(PrivacyText, ShowsWhatTheAgentWroteAndWhatWasSent) {
  ASSERT_TRUE(PrepareToReport(fs_, dir_.path()).ok());
  ASSERT_TRUE(DurableWrite(fs_, HealthStatusPath(dir_.path()), AsBytes("line pump\n")).ok());
  SentLog(fs_, SentLogPath(dir_.path())).Add({1, kNow, absl::Hours(1), 700}, "taken", kNow);
  EXPECT_THAT(Text(), HasSubstr("(as the agent left it) what this device would say:\nline pump\n"));
  EXPECT_THAT(Text(), HasSubstr("gate_verdict window 2026-03-01T00:00:00Z 1h 700 bytes: taken"));
}

}  // namespace
}  // namespace flotilla::agent
