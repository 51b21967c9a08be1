#include "agent/health/report_plan.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"
#include "tests/unit/agent/health/health_fleet.h"

namespace flotilla::agent {
namespace {

constexpr Time kStart = absl::FromUnixSeconds(1'790'000'000LL / 21'600 * 21'600);
constexpr Duration kWindow = absl::Hours(6);

class ReportPlanTest : public testing::Test {
 protected:
  ReportPlanTest() {
    const auto gate = TaskOf(schema::MetricId::kGateVerdict, ReleaseOf(1), kWindow, kStart);
    tasks_.push_back(std::make_shared<const dap::Task>(*dap::Task::Create(gate)));
  }

  SeededRandom random_{1};
  ReportPlan plan_{random_};
  std::vector<std::shared_ptr<const dap::Task>> tasks_;
};

TEST_F(ReportPlanTest, DrawsTheMomentOnceWhileTheWindowRuns) {
  plan_.Plan(tasks_, kStart + absl::Minutes(1));
  const Time first = plan_.Running().at(0).send_at;
  for (int i = 2; i < 300; ++i) {
    plan_.Plan(tasks_, kStart + absl::Minutes(i));
  }
  ASSERT_EQ(1U, plan_.Running().size());
  EXPECT_EQ(first, plan_.Running()[0].send_at);
  EXPECT_GE(first, kStart + kWindow);
  EXPECT_LT(first, kStart + 2 * kWindow);
}

TEST_F(ReportPlanTest, HandsAReportOverOnceWhenItsWindowIsOver) {
  plan_.Plan(tasks_, kStart);
  EXPECT_TRUE(plan_.TakeDue(kStart + kWindow - absl::Milliseconds(1)).empty());
  EXPECT_EQ(1U, plan_.TakeDue(kStart + kWindow).size());
  EXPECT_TRUE(plan_.TakeDue(kStart + kWindow).empty());
}

TEST_F(ReportPlanTest, AWindowThatNobodySawRunningHasNoReport) {
  plan_.Plan(tasks_, kStart - absl::Minutes(1));
  plan_.Plan(tasks_, kStart + 2 * kWindow);
  EXPECT_TRUE(plan_.TakeDue(kStart + 2 * kWindow).empty());
}

TEST_F(ReportPlanTest, ADeviceThatSleptTooLongHasNoReport) {
  plan_.Plan(tasks_, kStart);
  EXPECT_TRUE(plan_.TakeDue(kStart + 2 * kWindow + absl::Minutes(5)).empty());
  EXPECT_TRUE(plan_.Running().empty());
}

TEST_F(ReportPlanTest, ATaskThatIsInNoListAnyMoreKeepsTheWindowItHasBegun) {
  plan_.Plan(tasks_, kStart);
  plan_.Plan({}, kStart + absl::Hours(1));
  EXPECT_EQ(1U, plan_.TakeDue(kStart + kWindow).size());
}

TEST_F(ReportPlanTest, EachWindowOfATaskHasAMomentOfItsOwn) {
  plan_.Plan(tasks_, kStart);
  plan_.Plan(tasks_, kStart + kWindow);
  EXPECT_EQ(2U, plan_.Running().size());
  const Time second = plan_.Running()[1].send_at;
  EXPECT_GE(second, kStart + 2 * kWindow);
}

}  // namespace
}  // namespace flotilla::agent
