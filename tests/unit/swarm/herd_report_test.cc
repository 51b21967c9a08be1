#include "tests/swarm/agents/herd_report.h"

#include <gtest/gtest.h>

namespace flotilla::swarm {
namespace {

HerdReport Quiet() {
  HerdReport report;
  report.agents = 3;
  report.live = 3;
  report.enrolled = 3;
  report.time = absl::Milliseconds(12345);
  report.counts.started = 3;
  return report;
}

TEST(HerdReport, IsOneLineOfEverythingThatWasSeen) {
  HerdReport report = Quiet();
  report.counts.started = 4;
  report.counts.restarted = 1;
  report.counts.deaths[137] = 1;
  report.counts.ends[0] = 3;
  report.memory = {{30, 3}, {10, 1}, {20, 2}};
  report.controller = OwnDevices{3, 2, {{"plant-slm 1.0.0", 2}}};
  EXPECT_EQ(HerdReportJson(report),
            R"({"agents":3,"live":3,"enrolled":3,"started":4,"restarted":1,"deaths":{"137":1},)"
            R"("ends":{"0":3},"killed":0,"run_ms":12345,)"
            R"("resident_kb":{"p50":20,"max":30},"private_dirty_kb":{"p50":2,"max":3},)"
            R"("controller":{"known":3,"online":2,"releases":{"plant-slm 1.0.0":2}}})");
}

TEST(HerdReport, HasNoFiguresOfWhatWasNotSeen) {
  EXPECT_EQ(HerdReportJson(Quiet()),
            R"({"agents":3,"live":3,"enrolled":3,"started":3,"restarted":0,"deaths":{},"ends":{},)"
            R"("killed":0,"run_ms":12345})");
}

TEST(HerdReport, IsCleanWhenAllLivedAndEndedAndWereOnline) {
  HerdReport report = Quiet();
  EXPECT_TRUE(report.clean());
  report.counts.deaths[137] = 1;  // and is back
  EXPECT_TRUE(report.clean());
  report.controller = OwnDevices{3, 3, {}};
  EXPECT_TRUE(report.clean());
  report.controller->online = 2;
  EXPECT_FALSE(report.clean());
}

TEST(HerdReport, IsNotCleanWhenOneIsMissingOrWasKilledOrTheControllerDidNotSay) {
  HerdReport missing = Quiet();
  missing.live = 2;
  EXPECT_FALSE(missing.clean());
  HerdReport killed = Quiet();
  killed.killed = 1;
  EXPECT_FALSE(killed.clean());
  HerdReport unknown = Quiet();
  unknown.controller_error = "UNAVAILABLE";
  EXPECT_FALSE(unknown.clean());
}

}  // namespace
}  // namespace flotilla::swarm
