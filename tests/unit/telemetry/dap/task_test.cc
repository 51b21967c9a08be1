#include "telemetry/dap/task.h"

#include <set>

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

TaskConfiguration Weekly() {
  TaskConfiguration weekly = GateConfiguration();
  weekly.time_precision = kDay;
  weekly.window = 7;
  weekly.noise.looks = 3;
  weekly.interval = {.start = 20801, .duration = 21};
  return weekly;
}

TEST(Task, FindsTheWindowOfATime) {
  const Task task = *Task::Create(Weekly());
  const Time start = absl::FromUnixSeconds(std::int64_t{20801} * 86400);
  EXPECT_EQ(*task.WindowAt(start), 20801U);
  EXPECT_EQ(*task.WindowAt(start + absl::Hours(7 * 24) - absl::Seconds(1)), 20801U);
  EXPECT_EQ(*task.WindowAt(start + absl::Hours(7 * 24)), 20808U);
  EXPECT_EQ(task.WindowAt(start - absl::Seconds(1)).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(task.WindowAt(start + absl::Hours(21 * 24)).status().code(), StatusCode::kOutOfRange);
  EXPECT_EQ(task.WindowAt(absl::InfinitePast()).status().code(), StatusCode::kOutOfRange);
}

TEST(Task, KnowsItsWindows) {
  const Task task = *Task::Create(Weekly());
  for (const WindowStart window : {20801U, 20808U, 20815U}) EXPECT_TRUE(task.IsWindow(window));
  for (const WindowStart window : {0U, 20800U, 20802U, 20822U}) EXPECT_FALSE(task.IsWindow(window));
  EXPECT_EQ(task.EndOf(20801), task.StartOf(20808));
}

TEST(Task, EveryWindowOfEveryTaskIsChargedForItself) {
  std::set<dp::ChargeId> charges;
  const Task weekly = *Task::Create(Weekly());
  const Task gate = *Task::Create(GateConfiguration());
  charges.insert(weekly.ChargeOf(20801));
  charges.insert(weekly.ChargeOf(20808));
  charges.insert(gate.ChargeOf(20801));
  charges.insert(gate.ChargeOf(500000));
  EXPECT_EQ(charges.size(), 4U);
  EXPECT_EQ(weekly.ChargeOf(20801), Task::Create(Weekly())->ChargeOf(20801));
}

TEST(Task, BindsItsIdIntoTheContextOfTheVdaf) {
  const Task task = *Task::Create(GateConfiguration());
  EXPECT_EQ(HexEncode(task.context()), HexEncode(AsBytes("dap-18")) + task.id().ToHex());
}

TEST(Domain, InfoNamesVersionUseSenderAndReceiver) {
  EXPECT_EQ(ToText(InputShareInfo(Role::kLeader)), "dap-18 input share\x01\x02");
  EXPECT_EQ(ToText(InputShareInfo(Role::kHelper)), "dap-18 input share\x01\x03");
  EXPECT_EQ(ToText(AggregateShareInfo(Role::kHelper)),
            std::string("dap-18 aggregate share\x03\x00", 24));
}

TEST(Admission, TakesReportsOfAWindowFromItsEndUntilTwoWindowsLater) {
  const Task task = *Task::Create(GateConfiguration());
  const Time end = task.EndOf(500000);
  const Duration leeway = absl::Minutes(5);
  EXPECT_EQ(CheckTime(task, 500000, end - leeway - absl::Seconds(1)), ReportError::kReportTooEarly);
  EXPECT_EQ(CheckTime(task, 500000, end - leeway), ReportError::kNone);
  const Time closes = end + absl::Hours(2) + leeway;
  EXPECT_EQ(CheckTime(task, 500000, closes - absl::Seconds(1)), ReportError::kNone);
  EXPECT_EQ(CheckTime(task, 500000, closes), ReportError::kReportDropped);
  EXPECT_EQ(CheckTime(task, 500002, end), ReportError::kReportDropped);  // after the task
  EXPECT_EQ(UploadsEndAt(task, 500000), end + absl::Hours(1) + leeway);
}

TEST(Admission, AShortDemoWindowHasAShortLeeway) {
  TaskConfiguration demo = GateConfiguration();
  demo.kind = TaskKind::kDemo;
  demo.time_precision = kDemoPrecision;
  const Task task = *Task::Create(demo);
  EXPECT_EQ(CheckTime(task, 500000, task.StartOf(500000) - absl::Seconds(1)),
            ReportError::kReportTooEarly);
  EXPECT_EQ(UploadsEndAt(task, 500000), task.EndOf(500000) + absl::Seconds(10));
}

TEST(BatchBucket, TheChecksumIsTheSameInAnyOrder) {
  const ReportId a = {1};
  const ReportId b = {2};
  const Digest both = XorReport(XorReport({}, a), b);
  EXPECT_EQ(both, XorReport(XorReport({}, b), a));
  EXPECT_EQ(XorReport(both, b), XorReport({}, a));
  EXPECT_NE(both, Digest());
  // SHA-256 of sixteen zero bytes.
  EXPECT_EQ(XorReport({}, ReportId{}).ToHex(),
            "374708fff7719dd5979ec875d56cd2286f6d3cf7ec317a3b25632aab28ec37bb");
}

}  // namespace
}  // namespace flotilla::dap
