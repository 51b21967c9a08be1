// UpdateDirector and revoked releases.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/agent/updating_device.h"

namespace flotilla::agent {
namespace {

class RevokedRelease : public UpdatingDevice {
 protected:
  RevokedRelease() : first_(Offer("1.0.0")), second_(Offer("2.0.0")) {}

  static void AddStop(v1::DesiredState& desired, const v1::InstalledRelease& release,
                      v1::ServeInstead serve) {
    v1::ReleaseStop& stop = *desired.add_stops();
    *stop.mutable_release() = release.ref();
    stop.set_serve(serve);
  }
  // Both releases are on the disk, the second one runs.
  void RunBoth() {
    Take(Wanting(first_));
    Confirm();
    Take(Wanting(second_));
    Confirm();
    ASSERT_EQ(Runs(), "2.0.0");
  }
  const FakeEngineControl::Wanted& Engines() { return engines_.Line(kLine); }
  const ota::LineSlots& Slots() { return *lines_->Find(kLine); }
  bool SaysStopped() {
    const auto digests = director_->StoppedReleases(Slots());
    return std::find(digests.begin(), digests.end(), second_.ref().sha256()) != digests.end();
  }

  const v1::InstalledRelease first_;
  const v1::InstalledRelease second_;
};

TEST_F(RevokedRelease, GivesWayToThePreviousOneOnTheDiskWithoutADownload) {
  RunBoth();
  v1::DesiredState desired = Wanting(first_);
  desired.mutable_assignments(0)->clear_rollout_id();
  AddStop(desired, second_, v1::SERVE_INSTEAD_PREVIOUS);
  const int runs = Engines().runs;
  Take(desired);
  EXPECT_EQ(Engines().stops, 1);
  EXPECT_EQ(Engines().runs, runs + 1);
  EXPECT_EQ(Runs(), "1.0.0");
  EXPECT_EQ(Slots().active().failed_reason(), v1::FAILURE_REASON_POLICY_REVOKED);
  EXPECT_EQ(Slots().marked_bad().front().reason(), v1::FAILURE_REASON_POLICY_REVOKED);
}

TEST_F(RevokedRelease, IsAcknowledgedOnlyWhenNoEngineOfItLives) {
  RunBoth();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(desired);
  EXPECT_EQ(Engines().stand_in, StandIn::kRefusal);
  EXPECT_FALSE(SaysStopped());
  EXPECT_EQ(told_of_lines_, 0);
  director_->OnStopped(kLine);
  EXPECT_TRUE(SaysStopped());
  EXPECT_EQ(told_of_lines_, 1);
}

TEST_F(RevokedRelease, AnswersWithTheSignedAnswerWhereThatIsAskedFor) {
  RunBoth();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_STATIC_ANSWER);
  Take(desired);
  EXPECT_EQ(Engines().stand_in, StandIn::kStaticAnswer);
  EXPECT_EQ(Engines().cause, v1::FAILURE_REASON_POLICY_REVOKED);
  Take(desired);
  EXPECT_EQ(Engines().stops, 1) << "the same again changes nothing";
}

TEST_F(RevokedRelease, DoesNotRunAgainAfterARestart) {
  RunBoth();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(desired);
  engines_ = FakeEngineControl();
  Restart();
  director_->Start(v1::DesiredState());  // even without the controller's last word
  EXPECT_EQ(Engines().runs, 0);
  EXPECT_EQ(Engines().stand_in, StandIn::kRefusal);
}

TEST_F(RevokedRelease, IsMarkedBeforeAnEngineStartsWhenThePowerWasCutBetween) {
  RunBoth();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_STATIC_ANSWER);
  engines_ = FakeEngineControl();
  Restart();
  director_->Start(desired);  // it was saved, and nothing was done about it yet
  EXPECT_EQ(Engines().runs, 0);
  EXPECT_EQ(Engines().stand_in, StandIn::kStaticAnswer);
}

TEST_F(RevokedRelease, WaitsStoppedUntilTheBaselineIsFetched) {
  Take(Wanting(second_));
  Confirm();
  work_.Hold();
  v1::DesiredState desired = Wanting(first_);
  AddStop(desired, second_, v1::SERVE_INSTEAD_BASELINE);
  Take(desired);
  EXPECT_EQ(Engines().stand_in, StandIn::kRefusal);
  director_->OnStopped(kLine);
  EXPECT_TRUE(SaysStopped());
}

TEST_F(RevokedRelease, EndsItsTrialWithoutAVerdictAndTakesAnotherRelease) {
  Take(Wanting(second_));
  director_->OnServing(kLine);
  executor_.RunReady();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(desired);
  EXPECT_FALSE(Slots().active().trial());
  v1::DesiredState fixed = Wanting(first_);
  AddStop(fixed, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(fixed);
  Confirm();
  EXPECT_EQ(Runs(), "1.0.0");
  EXPECT_EQ(Engines().stand_in, StandIn::kUnspecified);
}

TEST_F(RevokedRelease, ThatIsThePreviousOneEndsItsLastAnswers) {
  Take(Wanting(second_));
  Confirm();
  Take(Wanting(first_));
  Confirm();
  v1::DesiredState desired = Wanting(first_);
  AddStop(desired, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(desired);
  EXPECT_EQ(Engines().drains_ended, 1);
  EXPECT_EQ(Engines().stops, 0);
  EXPECT_EQ(Runs(), "1.0.0");
  director_->OnStopped(kLine);
  EXPECT_TRUE(SaysStopped());
  // What went bad would have gone back to it.
  director_->OnReleaseBad(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  executor_.RunReady();
  EXPECT_EQ(Engines().stops, 1);
  EXPECT_EQ(Engines().cause, v1::FAILURE_REASON_POLICY_REVOKED);
}

TEST_F(RevokedRelease, IsNotGoneBackToFromACrashThatWasToldTooLate) {
  RunBoth();
  v1::DesiredState desired;
  AddStop(desired, second_, v1::SERVE_INSTEAD_NOTHING);
  Take(desired);
  director_->OnReleaseBad(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  executor_.RunReady();
  EXPECT_EQ(Slots().active().current().ref().version(), "2.0.0");
  EXPECT_EQ(Engines().stand_in, StandIn::kRefusal);
}

TEST_F(RevokedRelease, TheDeviceStopsAReleaseThatIsTooOldAndGoesOnWhenItHears) {
  RunBoth();
  too_old_ = "2.0.0";
  director_->OnAgesChanged();
  EXPECT_EQ(Engines().stand_in, StandIn::kStaticAnswer);
  EXPECT_EQ(Engines().cause, v1::FAILURE_REASON_POLICY_MAX_AGE);
  const int runs = Engines().runs;
  too_old_.clear();
  director_->OnAgesChanged();
  EXPECT_EQ(Engines().runs, runs + 1);
  EXPECT_EQ(Engines().stand_in, StandIn::kUnspecified);
  EXPECT_EQ(Runs(), "2.0.0");
}

}  // namespace
}  // namespace flotilla::agent
