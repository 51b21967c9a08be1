#include "controller/health/window_plan.h"

#include <gtest/gtest.h>

#include "telemetry/dap/admission.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::controller {
namespace {

// Windows of an hour; the minimum is 100.
class WindowPlanTest : public testing::Test {
 protected:
  WindowPlan At(Time now, std::uint64_t pending, std::uint64_t accepted) const {
    return PlanWindow(task_, window_, {pending, accepted}, now);
  }

  const dap::Task task_ = *dap::Task::Create(dap::GateConfiguration());
  const dap::WindowStart window_ = task_.configuration().interval.start;
  const Time end_ = task_.EndOf(window_);
  const Time uploads_end_ = dap::UploadsEndAt(task_, window_);
  const Time closes_ = dap::ClosesAt(task_, window_);
  const Duration moment_ = absl::Milliseconds(1);
};

TEST_F(WindowPlanTest, WaitsForTheEndOfTheWindowAndThenOfTheUploads) {
  const WindowPlan measuring = At(end_ - moment_, 0, 0);
  EXPECT_EQ(measuring.step, WindowStep::kWait);
  EXPECT_EQ(measuring.state, v1::HEALTH_WINDOW_STATE_MEASURING);
  EXPECT_EQ(measuring.look_again, end_);
  const WindowPlan reporting = At(end_, 1'023, 0);
  EXPECT_EQ(reporting.step, WindowStep::kWait);
  EXPECT_EQ(reporting.state, v1::HEALTH_WINDOW_STATE_REPORTING);
  EXPECT_EQ(reporting.look_again, uploads_end_);
}

TEST_F(WindowPlanTest, VerifiesFullJobsAsTheyComeAndTheRestWhenUploadsAreOver) {
  EXPECT_EQ(At(end_ - moment_, 5'000, 0).step, WindowStep::kWait);
  EXPECT_EQ(At(end_, 1'024, 0).step, WindowStep::kVerify);
  EXPECT_EQ(At(uploads_end_ - moment_, 1, 5'000).step, WindowStep::kWait);
  EXPECT_EQ(At(uploads_end_, 1, 5'000).step, WindowStep::kVerify);
}

TEST_F(WindowPlanTest, CollectsOnlyWhenEveryReportIsSettledAndTheyAreEnough) {
  EXPECT_EQ(At(uploads_end_ - moment_, 0, 5'000).step, WindowStep::kWait);
  EXPECT_EQ(At(uploads_end_, 1, 100).step, WindowStep::kVerify);
  EXPECT_EQ(At(uploads_end_, 0, 100).step, WindowStep::kCollect);
  EXPECT_EQ(At(uploads_end_, 0, 99).step, WindowStep::kTooFew);
  EXPECT_EQ(At(uploads_end_, 0, 0).step, WindowStep::kTooFew);
}

TEST_F(WindowPlanTest, TakesWhatIsVerifiedWhenTheHelperWasAwayUntilTheWindowClosed) {
  EXPECT_EQ(At(closes_ - moment_, 7, 100).step, WindowStep::kVerify);
  EXPECT_EQ(At(closes_, 7, 100).step, WindowStep::kCollect);
  EXPECT_EQ(At(closes_, 7, 99).step, WindowStep::kGiveUp);
  EXPECT_EQ(At(closes_, 0, 99).step, WindowStep::kTooFew);
}

TEST_F(WindowPlanTest, GivesUpAWindowsLengthAfterItClosed) {
  const Time until = CollectUntil(task_, window_);
  EXPECT_EQ(until, closes_ + absl::Hours(1));
  EXPECT_EQ(At(until - moment_, 0, 100).step, WindowStep::kCollect);
  EXPECT_EQ(At(until, 0, 100).step, WindowStep::kGiveUp);
}

}  // namespace
}  // namespace flotilla::controller
