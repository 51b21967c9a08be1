#include "tests/swarm/fleet/sim_update.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.h"

namespace flotilla::swarm {
namespace {

constexpr Duration kStart = absl::Seconds(100);
constexpr Duration kFar = absl::Hours(10);

v1::DesiredState Desired(const std::string& sha, std::uint32_t attempt = 1,
                         v1::HoldMode hold = v1::HOLD_MODE_UNSPECIFIED) {
  v1::DesiredState desired;
  v1::Assignment& assignment = *desired.add_assignments();
  assignment.mutable_release()->set_line("slm");
  assignment.mutable_release()->set_sha256(sha);
  assignment.set_rollout_id("r-" + sha);
  assignment.set_attempt(attempt);
  assignment.set_hold(hold);
  assignment.mutable_trial_duration()->set_seconds(3);
  return desired;
}

class SimUpdateTest : public testing::Test {
 protected:
  // All states until nothing is due any more.
  std::vector<int> States(Duration until = kFar) {
    std::vector<int> states;
    while (update_.next_due().has_value() && *update_.next_due() <= until) {
      for (const v1::UpdateReport& report : update_.Advance(*update_.next_due())) {
        states.push_back(report.state());
        last_ = report;
      }
    }
    return states;
  }

  SeededRandom random_{1};
  UpdateHabits habits_;
  SimUpdate update_{habits_, "d1", random_};
  v1::UpdateReport last_;
};

const std::vector<int> kWholeWalk = {40, 50, 60, 70, 80, 100, 110, 200};

TEST_F(SimUpdateTest, WalksThroughTheStatesAndInstalls) {
  update_.TakeDesired(Desired("A"), kStart);
  EXPECT_EQ(States(), kWholeWalk);
  ASSERT_EQ(update_.Installed().size(), 1U);
  EXPECT_EQ(update_.Installed().front().current().sha256(), "A");
  EXPECT_EQ(last_.rollout_id(), "r-A");
}

TEST_F(SimUpdateTest, SaysNothingTwiceAboutOneAssignment) {
  update_.TakeDesired(Desired("A"), kStart);
  States();
  update_.TakeDesired(Desired("A"), kStart + absl::Minutes(5));
  EXPECT_TRUE(States().empty());
}

TEST_F(SimUpdateTest, IsAlreadyCurrentWhenItIsAskedForWhatItHas) {
  update_.TakeDesired(Desired("A"), kStart);
  States();
  update_.TakeDesired(Desired("A", 2), kStart + absl::Minutes(5));
  EXPECT_EQ(States(), std::vector<int>{210});
}

TEST_F(SimUpdateTest, ItsTrialLastsAsLongAsTheAssignmentSays) {
  update_.TakeDesired(Desired("A"), kStart);
  const std::vector<int> before = States(kStart + absl::Seconds(2.99));
  EXPECT_NE(before.back(), 200);
  EXPECT_EQ(States().back(), 200);
}

TEST_F(SimUpdateTest, AFailedSelfTestIsRevertedAndNeverTriedAgain) {
  habits_.fail_rate = 1;
  SimUpdate failing(habits_, "d1", random_);
  failing.TakeDesired(Desired("A"), kStart);
  std::vector<int> states;
  while (failing.next_due().has_value()) {
    for (const auto& report : failing.Advance(*failing.next_due())) {
      states.push_back(report.state());
    }
  }
  EXPECT_EQ(states, (std::vector<int>{40, 50, 60, 70, 80, 310}));
  failing.TakeDesired(Desired("A", 2), kStart + absl::Minutes(5));
  ASSERT_TRUE(failing.next_due().has_value());
  EXPECT_EQ(failing.Advance(*failing.next_due()).front().state(),
            v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE);
}

TEST_F(SimUpdateTest, AFailedDownloadChangesNothingAndMayBeTriedAgain) {
  habits_.delivery_fail_rate = 1;
  SimUpdate failing(habits_, "d1", random_);
  failing.TakeDesired(Desired("A"), kStart);
  std::vector<v1::UpdateReport> reports = failing.Advance(kFar);
  ASSERT_EQ(reports.size(), 3U);
  EXPECT_EQ(reports.back().state(), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
  EXPECT_TRUE(reports.back().retryable());
  EXPECT_TRUE(failing.Installed().front().current().sha256().empty());
}

TEST_F(SimUpdateTest, FailsTheShareOfDevicesThatItsRateSays) {
  habits_.fail_rate = 0.3;
  int failed = 0;
  for (int i = 0; i < 1000; ++i) {
    SimUpdate update(habits_, "d" + std::to_string(i), random_);
    update.TakeDesired(Desired("A"), kStart);
    failed += update.Advance(kFar).back().state() == v1::DEPLOYMENT_STATE_FAILED_REVERTED ? 1 : 0;
  }
  EXPECT_NEAR(failed, 300, 60);
}

TEST_F(SimUpdateTest, HoldsWhereTheHoldSaysAndGoesOnAfterIt) {
  update_.TakeDesired(Desired("A", 1, v1::HOLD_MODE_DRAIN), kStart);
  EXPECT_EQ(States(), std::vector<int>{30});
  update_.TakeDesired(Desired("A"), kStart + absl::Seconds(5));
  EXPECT_EQ(States(), kWholeWalk);
}

TEST_F(SimUpdateTest, EndsItsTrialBeforeItTakesUpAnotherRelease) {
  update_.TakeDesired(Desired("A"), kStart);
  std::vector<int> states;
  while (states.empty() || states.back() != 110) {
    for (const auto& report : update_.Advance(*update_.next_due())) {
      states.push_back(report.state());
    }
  }
  update_.TakeDesired(Desired("B"), *update_.next_due() - absl::Seconds(1));
  EXPECT_EQ(States().front(), 200);
  EXPECT_EQ(update_.Installed().front().current().sha256(), "B");
  EXPECT_EQ(update_.Installed().front().previous().sha256(), "A");
}

TEST_F(SimUpdateTest, LeavesALineAloneThatIsNotDesiredAnyMore) {
  update_.TakeDesired(Desired("A"), kStart);
  update_.TakeDesired(v1::DesiredState(), kStart);
  EXPECT_FALSE(update_.next_due().has_value());
}

}  // namespace
}  // namespace flotilla::swarm
