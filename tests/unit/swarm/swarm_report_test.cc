#include "tests/swarm/fleet/swarm_report.h"

#include <gtest/gtest.h>

namespace flotilla::swarm {
namespace {

TEST(Quantiles, AreOfTheSortedSamples) {
  std::vector<float> samples;
  for (int i = 100; i >= 0; --i) {
    samples.push_back(static_cast<float>(i));
  }
  const Quantiles quantiles = QuantilesOf(samples);
  EXPECT_EQ(quantiles.p50_ms, 50);
  EXPECT_EQ(quantiles.p99_ms, 99);
  EXPECT_EQ(quantiles.last_ms, 100);
}

v1::DesiredState Offer() {
  v1::DesiredState desired;
  desired.add_assignments()->set_rollout_id("r");
  return desired;
}

TEST(SwarmReport, CountsOffersOfAWaveFromTheFirstOfAllLoops) {
  SwarmStats late;
  late.OnDesired(Offer(), absl::Seconds(12));
  SwarmStats early;
  early.OnDesired(Offer(), absl::Seconds(10));
  early.OnDesired(Offer(), absl::Seconds(11));
  SwarmReport report;
  report.Add(late, absl::Seconds(1));
  report.Add(early, absl::Seconds(1));
  ASSERT_EQ(report.waves.size(), 1U);
  const Quantiles quantiles = QuantilesOf(report.waves.begin()->second.after_ms);
  EXPECT_EQ(quantiles.count, 3U);
  EXPECT_EQ(quantiles.last_ms, 2000);
}

TEST(SwarmReport, IsNotCleanWhenAReportWasLost) {
  SwarmReport report;
  EXPECT_TRUE(report.clean());
  report.ledger = LedgerAnswer();
  EXPECT_TRUE(report.clean());
  report.ledger->lost = 1;
  EXPECT_FALSE(report.clean());
}

TEST(SwarmReport, IsOneLineOfJson) {
  SwarmStats stats;
  stats.OnUp(absl::Seconds(2), absl::Seconds(5));
  stats.OnDown(Unavailable("x"), true);
  SwarmReport report;
  report.devices = 1;
  report.Add(stats, absl::Seconds(1));
  const std::string text = ReportJson(report);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_NE(text.find("\"session UNAVAILABLE: x\":1"), std::string::npos) << text;
  EXPECT_NE(text.find("\"last_up_s\":4E0"), std::string::npos) << text;
}

}  // namespace
}  // namespace flotilla::swarm
