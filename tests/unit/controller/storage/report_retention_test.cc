#include "controller/storage/report_retention.h"

#include <gtest/gtest.h>

#include "tests/support/fake_executor.h"
#include "tests/support/held_commit_queue.h"
#include "tests/support/memory_fleet_store.h"

namespace flotilla::controller {
namespace {

class ReportRetentionTest : public testing::Test {
 protected:
  ReportRetentionTest() {
    options_.keep = absl::Hours(24);
    options_.batch = 10;
  }
  void Store(std::uint64_t first_seq, std::uint64_t count) {
    FleetChange change;
    for (std::uint64_t seq = first_seq; seq < first_seq + count; ++seq) {
      StoredReport report;
      report.device_id = "pump-01";
      report.report.set_boot_epoch(1);
      report.report.set_seq(seq);
      report.received_at = loop_.Now();
      change.reports.push_back(report);
    }
    ASSERT_EQ(OkStatus(), store_.Commit(change));
  }
  void Pass(Duration duration) {
    loop_.Advance(duration);
    queue_.Flush();
    loop_.RunReady();
  }
  std::size_t Kept() { return store_.RecentReports("pump-01", 1000)->size(); }

  FakeExecutor loop_;
  MemoryFleetStore store_;
  HeldCommitQueue queue_{store_, loop_};
  ReportRetentionOptions options_;
};

TEST_F(ReportRetentionTest, RemovesWhatIsOlderBatchByBatchAndLeavesTheRest) {
  Store(1, 25);
  loop_.Advance(absl::Hours(20));
  Store(26, 5);
  ReportRetention retention(options_, queue_, loop_, loop_);
  retention.Start();
  loop_.RunReady();
  Pass(absl::Seconds(1));
  EXPECT_EQ(30U, Kept());
  for (int hour = 0; hour < 4; ++hour) {
    EXPECT_EQ(30U, Kept());
    Pass(absl::Hours(1));
  }
  EXPECT_EQ(20U, Kept());
  Pass(absl::Seconds(1));
  EXPECT_EQ(10U, Kept());
  Pass(absl::Seconds(1));
  EXPECT_EQ(5U, Kept());
}

TEST_F(ReportRetentionTest, LooksOnceAnHourWhenThereIsNothingLeft) {
  Store(1, 25);
  loop_.Advance(absl::Hours(30));
  options_.batch = 100;
  ReportRetention retention(options_, queue_, loop_, loop_);
  retention.Start();
  EXPECT_EQ(25U, Kept());
  Pass(absl::Seconds(1));
  EXPECT_EQ(1U, Kept());
  Store(26, 1);
  Pass(absl::Minutes(59));
  EXPECT_EQ(2U, Kept());
  Pass(absl::Minutes(1));
  EXPECT_EQ(1U, Kept());
}

}  // namespace
}  // namespace flotilla::controller
