#include "tests/swarm/fleet/ledger_check.h"

#include <gtest/gtest.h>

namespace flotilla::swarm {
namespace {

v1::UpdateReport Told(std::uint64_t seq, v1::DeploymentState state, std::uint64_t epoch = 7) {
  v1::UpdateReport report;
  report.set_boot_epoch(epoch);
  report.set_seq(seq);
  report.set_state(state);
  return report;
}

constexpr auto kAccepted = v1::DEPLOYMENT_STATE_ACCEPTED;
constexpr auto kSucceeded = v1::DEPLOYMENT_STATE_SUCCEEDED;

class CompareLedgerTest : public testing::Test {
 protected:
  void Compare(const std::vector<v1::UpdateReport>& told) { CompareLedger(own_, told, answer_); }

  DeviceLedger own_{"d1", 7, {kAccepted, kSucceeded}, 0};
  LedgerAnswer answer_;
};

TEST_F(CompareLedgerTest, IsContentWhenEveryReportIsThereOnce) {
  Compare({Told(2, kSucceeded), Told(1, kAccepted), Told(1, kAccepted, 6)});
  EXPECT_EQ(answer_.checked, 2U);
  EXPECT_EQ(answer_.lost + answer_.doubled + answer_.altered, 0U);
}

TEST_F(CompareLedgerTest, FindsALostReport) {
  Compare({Told(2, kSucceeded)});
  EXPECT_EQ(answer_.lost, 1U);
}

TEST_F(CompareLedgerTest, DoesNotCallLostWhatWasNeverAcknowledged) {
  own_.waiting = 1;
  Compare({Told(1, kAccepted)});
  EXPECT_EQ(answer_.lost, 0U);
  EXPECT_EQ(answer_.checked, 1U);
}

TEST_F(CompareLedgerTest, FindsADoubledReport) {
  Compare({Told(2, kSucceeded), Told(2, kSucceeded), Told(1, kAccepted)});
  EXPECT_EQ(answer_.doubled, 1U);
}

TEST_F(CompareLedgerTest, FindsAnAlteredAndAnInventedReport) {
  Compare({Told(3, kSucceeded), Told(2, kAccepted), Told(1, kAccepted)});
  EXPECT_EQ(answer_.altered, 2U);
  EXPECT_EQ(answer_.examples.size(), 2U);
}

TEST_F(CompareLedgerTest, ComparesTheFiftyThatTheControllerTells) {
  own_.made.assign(60, kAccepted);
  std::vector<v1::UpdateReport> told;
  for (std::uint64_t seq = 60; seq > 10; --seq) {
    told.push_back(Told(seq, kAccepted));
  }
  Compare(told);
  EXPECT_EQ(answer_.checked, 50U);
  EXPECT_EQ(answer_.lost, 0U);
}

}  // namespace
}  // namespace flotilla::swarm
