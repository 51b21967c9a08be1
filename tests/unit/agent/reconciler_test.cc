#include "agent/reconcile/reconciler.h"

#include <gtest/gtest.h>

namespace flotilla::agent {
namespace {

v1::ReleaseRef Ref(const std::string& version, const std::string& line = "pump") {
  v1::ReleaseRef ref;
  ref.set_line(line);
  ref.set_version(version);
  ref.set_sha256("sha-of-" + line + version);
  return ref;
}

v1::Assignment Assign(const std::string& version, const std::string& rollout = "r1",
                      v1::HoldMode hold = v1::HOLD_MODE_UNSPECIFIED) {
  v1::Assignment assignment;
  *assignment.mutable_release() = Ref(version);
  assignment.set_rollout_id(rollout);
  assignment.set_hold(hold);
  return assignment;
}

v1::DesiredState Desire(const v1::Assignment& assignment) {
  v1::DesiredState desired;
  *desired.add_assignments() = assignment;
  return desired;
}

ObservedLine Line(const std::string& current, const std::string& previous = "") {
  ObservedLine line;
  line.line = "pump";
  if (!current.empty()) {
    *line.active.mutable_current()->mutable_ref() = Ref(current);
  }
  if (!previous.empty()) {
    *line.active.mutable_previous()->mutable_ref() = Ref(previous);
  }
  return line;
}

void Say(ObservedLine& line, const v1::Assignment& assignment, v1::DeploymentState state) {
  line.progress = LineProgress{AssignmentKey(assignment), assignment, state};
}

void MarkBad(ObservedLine& line, const std::string& version) {
  v1::MarkedBad mark;
  *mark.mutable_release() = Ref(version);
  line.marked_bad.push_back(mark);
}

Observed See(const ObservedLine& line) {
  return {{line}, std::nullopt};
}

Observed SeeRunning(const v1::Assignment& assignment, UpdateStage stage) {
  return {{Line("1")},
          RunningUpdate{assignment.release().line(), AssignmentKey(assignment), assignment.hold(),
                        stage}};
}

TEST(Reconciler, PreparesOnAFreshDevice) {
  const NextAction action = NextStep(Desire(Assign("1")), {});
  EXPECT_EQ(action.kind, NextKind::kPrepare);
  EXPECT_EQ(action.assignment.release().version(), "1");
}

TEST(Reconciler, PreparesWhatDiffersFromTheCurrentRelease) {
  EXPECT_EQ(NextStep(Desire(Assign("2")), See(Line("1"))).kind, NextKind::kPrepare);
}

TEST(Reconciler, LeavesALineAloneThatIsNotDesired) {
  EXPECT_EQ(NextStep({}, See(Line("1"))).kind, NextKind::kNothing);
}

TEST(Reconciler, SaysOnceThatTheReleaseIsCurrent) {
  ObservedLine line = Line("1");
  const NextAction action = NextStep(Desire(Assign("1")), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_ALREADY_CURRENT);
  Say(line, Assign("1"), v1::DEPLOYMENT_STATE_ALREADY_CURRENT);
  EXPECT_EQ(NextStep(Desire(Assign("1")), See(line)).kind, NextKind::kNothing);
}

TEST(Reconciler, GoesBackWhenThePreviousReleaseIsDesired) {
  EXPECT_EQ(NextStep(Desire(Assign("1", "")), See(Line("2", "1"))).kind, NextKind::kGoBack);
}

TEST(Reconciler, PreparesAnOlderReleaseThatIsNotThePrevious) {
  EXPECT_EQ(NextStep(Desire(Assign("1", "")), See(Line("3", "2"))).kind, NextKind::kPrepare);
}

TEST(Reconciler, RefusesAMarkedReleaseAndSaysSo) {
  ObservedLine line = Line("1");
  MarkBad(line, "2");
  const NextAction action = NextStep(Desire(Assign("2")), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_REJECTED_INCOMPATIBLE);
  EXPECT_EQ(action.reason, v1::FAILURE_REASON_POLICY_MARKED_BAD);
}

TEST(Reconciler, RefusesAMarkedReleaseThatIsThePreviousOne) {
  ObservedLine line = Line("1", "2");
  MarkBad(line, "2");
  EXPECT_EQ(NextStep(Desire(Assign("2")), See(line)).kind, NextKind::kReport);
}

TEST(Reconciler, DoesNotTryAFailedAssignmentAgain) {
  for (const v1::DeploymentState state :
       {v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, v1::DEPLOYMENT_STATE_FAILED_REVERTED,
        v1::DEPLOYMENT_STATE_REJECTED_SIGNATURE}) {
    ObservedLine line = Line("1");
    Say(line, Assign("2"), state);
    EXPECT_EQ(NextStep(Desire(Assign("2")), See(line)).kind, NextKind::kNothing) << state;
  }
}

TEST(Reconciler, TriesAgainUnderANewAttempt) {
  ObservedLine line = Line("1");
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE);
  v1::Assignment retry = Assign("2");
  retry.set_attempt(2);
  EXPECT_EQ(NextStep(Desire(retry), See(line)).kind, NextKind::kPrepare);
}

TEST(Reconciler, GoesOnWithAnUpdateThatACrashInterrupted) {
  ObservedLine line = Line("1");
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_DOWNLOADING);
  EXPECT_EQ(NextStep(Desire(Assign("2")), See(line)).kind, NextKind::kPrepare);
}

TEST(Reconciler, SaysSucceededWhenACrashCameBetweenConfirmAndReport) {
  ObservedLine line = Line("2", "1");
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_TRIAL);
  const NextAction action = NextStep(Desire(Assign("2")), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_SUCCEEDED);
}

// An update system rolled a committed update back because its last status report did not get
// through.
TEST(ShippedDefects, ARollbackFollowsACommitWhoseStatusReportFailed) {
  ObservedLine line = Line("2", "1");  // confirmed; the report of it is not even in the outbox
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_TRIAL);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const NextAction action = NextStep(Desire(Assign("2")), See(line));
    ASSERT_EQ(action.kind, NextKind::kReport);  // again and again, and never anything else
    ASSERT_EQ(action.state, v1::DEPLOYMENT_STATE_SUCCEEDED);
  }
}

TEST(Reconciler, SaysRevertedWhenACrashCameBetweenRollbackAndReport) {
  ObservedLine line = Line("1");
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_TRIAL);
  *line.active.mutable_failed()->mutable_ref() = Ref("2");
  line.active.set_failed_reason(v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  MarkBad(line, "2");
  const NextAction action = NextStep(Desire(Assign("2")), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_FAILED_REVERTED);
  EXPECT_EQ(action.reason, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
}

TEST(Reconciler, SaysFailedAfterConfirmWhenACrashCameBetweenRollbackAndReport) {
  ObservedLine line = Line("1");
  Say(line, Assign("2"), v1::DEPLOYMENT_STATE_SUCCEEDED);
  *line.active.mutable_failed()->mutable_ref() = Ref("2");
  const NextAction action = NextStep(Desire(Assign("2")), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_FAILED_AFTER_CONFIRM);
}

TEST(Reconciler, DefersWhileTheRolloutIsPaused) {
  const NextAction action =
      NextStep(Desire(Assign("2", "r1", v1::HOLD_MODE_DRAIN)), See(Line("1")));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_DEFERRED);
}

TEST(Reconciler, LetsTheRunningUpdateGoOn) {
  for (const UpdateStage stage :
       {UpdateStage::kPreparing, UpdateStage::kTesting, UpdateStage::kCommitted}) {
    EXPECT_EQ(NextStep(Desire(Assign("2")), SeeRunning(Assign("2"), stage)).kind,
              NextKind::kNothing);
  }
}

TEST(Reconciler, ActivatesWhatIsTestedUnlessFrozen) {
  EXPECT_EQ(NextStep(Desire(Assign("2")), SeeRunning(Assign("2"), UpdateStage::kReady)).kind,
            NextKind::kActivate);
  const v1::Assignment frozen = Assign("2", "r1", v1::HOLD_MODE_FREEZE);
  EXPECT_EQ(NextStep(Desire(frozen), SeeRunning(frozen, UpdateStage::kReady)).kind,
            NextKind::kNothing);
}

TEST(Reconciler, AClosedActivateWindowLetsEverythingBeforeActivationGoOn) {
  const v1::Assignment waiting = Assign("2", "r1", v1::HOLD_MODE_ACTIVATION);
  EXPECT_EQ(NextStep(Desire(waiting), See(Line("1"))).kind, NextKind::kPrepare);
  EXPECT_EQ(NextStep(Desire(waiting), SeeRunning(waiting, UpdateStage::kPreparing)).kind,
            NextKind::kNothing);
  EXPECT_EQ(NextStep(Desire(waiting), SeeRunning(waiting, UpdateStage::kReady)).kind,
            NextKind::kNothing);
  EXPECT_EQ(NextStep(Desire(Assign("2")), SeeRunning(waiting, UpdateStage::kReady)).kind,
            NextKind::kActivate);
}

TEST(Reconciler, AClosedActivateWindowHoldsTheWayBackToThePreviousReleaseToo) {
  ObservedLine line = Line("1");
  *line.active.mutable_previous()->mutable_ref() = Ref("2");
  const NextAction action =
      NextStep(Desire(Assign("2", "r1", v1::HOLD_MODE_ACTIVATION)), See(line));
  ASSERT_EQ(action.kind, NextKind::kReport);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_DEFERRED);
  EXPECT_EQ(action.reason, v1::FAILURE_REASON_POLICY_WINDOW_CLOSED);
}

TEST(Reconciler, CancelsAnUpdateThatIsNotWantedAnyMoreBeforeItsCommitPoint) {
  for (const UpdateStage stage :
       {UpdateStage::kPreparing, UpdateStage::kTesting, UpdateStage::kReady}) {
    EXPECT_EQ(NextStep(Desire(Assign("3")), SeeRunning(Assign("2"), stage)).kind,
              NextKind::kCancel);
    EXPECT_EQ(NextStep({}, SeeRunning(Assign("2"), stage)).kind, NextKind::kCancel);
  }
}

TEST(Reconciler, LetsATrialEndWhateverIsDesired) {
  EXPECT_EQ(
      NextStep(Desire(Assign("1", "")), SeeRunning(Assign("2"), UpdateStage::kCommitted)).kind,
      NextKind::kNothing);
}

TEST(Reconciler, ADrainStopsADownloadAndLetsASelfTestFinish) {
  const v1::Assignment drained = Assign("2", "r1", v1::HOLD_MODE_DRAIN);
  const NextAction action =
      NextStep(Desire(drained), SeeRunning(Assign("2"), UpdateStage::kPreparing));
  EXPECT_EQ(action.kind, NextKind::kCancel);
  EXPECT_EQ(action.state, v1::DEPLOYMENT_STATE_DEFERRED);
  EXPECT_EQ(NextStep(Desire(drained), SeeRunning(Assign("2"), UpdateStage::kTesting)).kind,
            NextKind::kAdopt);
}

TEST(Reconciler, UpdatesOneLineAtATime) {
  v1::DesiredState desired = Desire(Assign("2"));
  v1::Assignment other = Assign("1");
  *other.mutable_release() = Ref("1", "embedder");
  *desired.add_assignments() = other;
  EXPECT_EQ(NextStep(desired, SeeRunning(Assign("2"), UpdateStage::kPreparing)).kind,
            NextKind::kNothing);
  ObservedLine done = Line("2");
  Say(done, Assign("2"), v1::DEPLOYMENT_STATE_SUCCEEDED);
  const NextAction next = NextStep(desired, See(done));
  EXPECT_EQ(next.kind, NextKind::kPrepare);
  EXPECT_EQ(next.assignment.release().line(), "embedder");
}

}  // namespace
}  // namespace flotilla::agent
