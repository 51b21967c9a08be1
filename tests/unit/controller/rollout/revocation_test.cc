#include "controller/rollout/revocation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/rollout/wire_time.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "tests/unit/controller/rollout/rollout_lab.h"

namespace flotilla::rollout {
namespace {

constexpr Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::Release Published() {
  v1::Release release;
  release.mutable_ref()->set_line("pump");
  release.mutable_ref()->set_version("2.0.0");
  return release;
}

TEST(Revocation, WaitsForAnotherPersonThanWhoAsked) {
  v1::Release release = Published();
  const auto asked = AskFor(release, {v1::SERVE_INSTEAD_NOTHING, "a wrong dose", "alice"}, kNow);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->state(), v1::REVOCATION_STATE_WAITING);
  *release.mutable_revocation() = *asked;
  EXPECT_FALSE(IsRevoked(release));

  const auto own = Decide(release, Decision::kApprove, v1::SERVE_INSTEAD_NOTHING, "alice", kNow);
  EXPECT_EQ(own.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonNumber(own.status()), v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  const auto other = Decide(release, Decision::kApprove, v1::SERVE_INSTEAD_NOTHING, "bob", kNow);
  ASSERT_TRUE(other.ok()) << other.status();
  *release.mutable_revocation() = *other;
  EXPECT_TRUE(IsRevoked(release));
  EXPECT_EQ(release.revocation().decided_by(), "bob");
}

TEST(Revocation, IsApprovedAsItIsAskedForNow) {
  v1::Release release = Published();
  *release.mutable_revocation() =
      *AskFor(release, {v1::SERVE_INSTEAD_PREVIOUS, "a wrong dose", "alice"}, kNow);
  *release.mutable_revocation() =
      *AskFor(release, {v1::SERVE_INSTEAD_NOTHING, "a worse dose", "carol"}, kNow);
  const auto stale = Decide(release, Decision::kApprove, v1::SERVE_INSTEAD_PREVIOUS, "bob", kNow);
  EXPECT_EQ(stale.status().code(), StatusCode::kFailedPrecondition);
  // Who asked first is another person than who asks now.
  EXPECT_TRUE(Decide(release, Decision::kApprove, v1::SERVE_INSTEAD_NOTHING, "alice", kNow).ok());
}

TEST(Revocation, NeedsAReasonAndSomethingThatCanBeServed) {
  v1::Release release = Published();
  const auto code = [&](v1::ServeInstead serve, const std::string& reason) {
    return AskFor(release, {serve, reason, "alice"}, kNow).status().code();
  };
  EXPECT_EQ(code(v1::SERVE_INSTEAD_NOTHING, ""), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(v1::SERVE_INSTEAD_NOTHING, std::string(1025, 'x')), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(v1::SERVE_INSTEAD_UNSPECIFIED, "why"), StatusCode::kInvalidArgument);
  EXPECT_EQ(code(v1::SERVE_INSTEAD_STATIC_ANSWER, "why"), StatusCode::kFailedPrecondition);
  release.set_fallback_answer("Please ask a colleague.");
  EXPECT_EQ(code(v1::SERVE_INSTEAD_STATIC_ANSWER, "why"), StatusCode::kOk);
}

TEST(Revocation, CanBeDeniedAndThenAskedForAgain) {
  v1::Release release = Published();
  *release.mutable_revocation() =
      *AskFor(release, {v1::SERVE_INSTEAD_NOTHING, "why", "alice"}, kNow);
  const auto denied = Decide(release, Decision::kDeny, v1::SERVE_INSTEAD_NOTHING, "alice", kNow);
  ASSERT_TRUE(denied.ok());
  *release.mutable_revocation() = *denied;
  EXPECT_FALSE(IsRevoked(release));
  EXPECT_EQ(
      Decide(release, Decision::kApprove, v1::SERVE_INSTEAD_NOTHING, "bob", kNow).status().code(),
      StatusCode::kFailedPrecondition);
  EXPECT_TRUE(AskFor(release, {v1::SERVE_INSTEAD_NOTHING, "why", "alice"}, kNow).ok());
}

// Ten devices; 1.0.0 is the baseline of all, and a rollout of 2.0.0 has reached its first wave.
class KillSwitch : public ::testing::Test {
 protected:
  KillSwitch() : lab_(10) {
    lab_.Publish("1.0.0", Conduct::kGood);
    lab_.Publish("2.0.0", Conduct::kGood);
    lab_.CreateAndStart(RolloutLab::Spec("r1", "1.0.0", {}));
    lab_.Wait(absl::Seconds(20));
    lab_.CreateAndStart(RolloutLab::Spec("r2", "2.0.0", {3}, absl::Hours(1)));
    lab_.Wait(absl::Seconds(5));
    TellLines();
  }

  // What the devices' records say of their lines, as reports and Hellos would.
  void TellLines() {
    for (auto& [id, device] : lab_.fleet().devices) {
      device.clear_lines();
      v1::LineStatus& line = *device.add_lines();
      line.set_line(RolloutLab::kLine);
      *line.mutable_current() = Ref(lab_.Runs(id));
      if (lab_.Runs(id) == "2.0.0") {
        *line.mutable_previous() = Ref("1.0.0");
      }
    }
  }
  const v1::ReleaseRef& Ref(const std::string& version) {
    return lab_.fleet().releases.at({RolloutLab::kLine, version}).ref();
  }
  void RevokeIt(v1::ServeInstead serve) {
    v1::Release& release = lab_.fleet().releases.at({RolloutLab::kLine, "2.0.0"});
    v1::ReleaseRevocation& revocation = *release.mutable_revocation();
    revocation.set_state(v1::REVOCATION_STATE_IN_FORCE);
    revocation.set_serve(serve);
    revocation.set_reason("a wrong dose");
    revocation.set_asked_by("alice");
    revocation.set_decided_by("bob");
    *revocation.mutable_decided_at() = ToWire(lab_.now());
    lab_.fleet().revoked = {&release};
    const RolloutChange change = lab_.book().OnRevoked(release, lab_.now());
    touched_ = change.touched_devices;
    lab_.Take(change);
  }
  std::string OnIt() {
    const auto members = lab_.Members("r2", 0);
    return members.empty() ? std::string() : members.front();
  }
  std::string NotOnIt() {
    for (const auto& [id, device] : lab_.fleet().devices) {
      if (lab_.Runs(id) == "1.0.0") {
        return id;
      }
    }
    return {};
  }
  // "1.0.0" or nothing, and whether 2.0.0 is stopped.
  std::string ShouldRun(const std::string& device) {
    const v1::DesiredState desired = lab_.book().Desired(device);
    std::string text =
        desired.assignments_size() == 0 ? "-" : desired.assignments(0).release().version();
    for (const v1::ReleaseStop& stop : desired.stops()) {
      text += " not " + stop.release().version();
    }
    return text;
  }

  RolloutLab lab_;
  std::vector<std::string> touched_;
};

TEST_F(KillSwitch, EndsTheRolloutAndOffersTheBaselineToWhoRanIt) {
  ASSERT_EQ(lab_.RunsCount(), "1.0.0 x7, 2.0.0 x3");
  RevokeIt(v1::SERVE_INSTEAD_BASELINE);
  EXPECT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_ABORTED);
  EXPECT_NE(lab_.Rollout("r2").why().find("a wrong dose"), std::string::npos);
  EXPECT_EQ(ShouldRun(OnIt()), "1.0.0 not 2.0.0");
  // Everybody who might come to it is told, and nobody is offered it again.
  EXPECT_EQ(touched_.size(), 10U);
  EXPECT_EQ(ShouldRun(NotOnIt()), "1.0.0 not 2.0.0");
  const v1::DesiredState desired = lab_.book().Desired(OnIt());
  EXPECT_EQ(desired.assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
}

TEST_F(KillSwitch, ReachesDevicesPastAFrozenRollout) {
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_PAUSE, v1::HOLD_MODE_FREEZE).ok());
  RevokeIt(v1::SERVE_INSTEAD_PREVIOUS);
  EXPECT_EQ(ShouldRun(OnIt()), "1.0.0 not 2.0.0");
  EXPECT_EQ(lab_.book().Desired(OnIt()).assignments(0).hold(), v1::HOLD_MODE_UNSPECIFIED);
}

TEST_F(KillSwitch, LeavesWhoShallServeNothingOrAStaticAnswer) {
  for (const v1::ServeInstead serve :
       {v1::SERVE_INSTEAD_NOTHING, v1::SERVE_INSTEAD_STATIC_ANSWER}) {
    RevokeIt(serve);
    EXPECT_EQ(ShouldRun(OnIt()), "- not 2.0.0");
    EXPECT_EQ(lab_.book().Desired(OnIt()).stops(0).serve(), serve);
    EXPECT_EQ(ShouldRun(NotOnIt()), "1.0.0 not 2.0.0");
  }
}

TEST_F(KillSwitch, MembersOnTheirWayBecomeRevokedAndTheJudgeSaysNothing) {
  lab_.Publish("3.0.0", Conduct::kSticksInTrial);
  v1::RolloutSpec third = RolloutLab::Spec("r3", "3.0.0", {3});
  third.set_on_overlap(v1::ON_OVERLAP_REPLACE);
  lab_.CreateAndStart(third);
  lab_.fleet()
      .releases.at({RolloutLab::kLine, "3.0.0"})
      .mutable_revocation()
      ->set_state(v1::REVOCATION_STATE_IN_FORCE);
  const v1::Release& release = lab_.fleet().releases.at({RolloutLab::kLine, "3.0.0"});
  const std::string member = lab_.Members("r3", 0).front();
  ASSERT_EQ(lab_.StateOf("r3", member), v1::DEPLOYMENT_STATE_TRIAL);
  lab_.fleet().revoked = {&release};
  EXPECT_TRUE(lab_.book().IsUnderWay(release.ref(), member));
  lab_.Take(lab_.book().OnRevoked(release, lab_.now()));
  EXPECT_TRUE(lab_.book().IsUnderWay(release.ref(), member)) << "until it says that it stopped";
  EXPECT_EQ(lab_.StateOf("r3", member), v1::DEPLOYMENT_STATE_REVOKED);
  EXPECT_EQ(lab_.Rollout("r3").state(), v1::ROLLOUT_STATE_ABORTED);
  EXPECT_EQ(lab_.Rollout("r3").waves(0).quality_failures(), 0U);
  EXPECT_EQ(lab_.Rollout("r3").waves(0).counts().at(v1::DEPLOYMENT_STATE_REVOKED), 3U);
  // What it says about it now is too late to count.
  lab_.Report(member, lab_.ReportOf("r3", v1::DEPLOYMENT_STATE_SUCCEEDED));
  EXPECT_EQ(lab_.StateOf("r3", member), v1::DEPLOYMENT_STATE_REVOKED);
}

TEST_F(KillSwitch, NoRolloutNamesItAgain) {
  RevokeIt(v1::SERVE_INSTEAD_BASELINE);
  const auto created = lab_.book().Create(RolloutLab::Spec("again", "2.0.0", {}), "alice",
                                          EmptyMatch::kRefuse, lab_.now());
  EXPECT_EQ(created.status().code(), StatusCode::kFailedPrecondition);
  for (const v1::RolloutAction action :
       {v1::ROLLOUT_ACTION_RESUME, v1::ROLLOUT_ACTION_RETRY, v1::ROLLOUT_ACTION_ROLLBACK}) {
    EXPECT_EQ(lab_.Act("r2", action).code(), StatusCode::kFailedPrecondition);
  }
}

TEST_F(KillSwitch, TakesAReleaseOutThatHasBecomeTheBaseline) {
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_PROMOTE).ok());
  for (int i = 0; i < 3; ++i) {
    lab_.Wait(absl::Seconds(2));
    (void)lab_.Act("r2", v1::ROLLOUT_ACTION_PROMOTE);
  }
  lab_.Wait(absl::Seconds(5));
  ASSERT_EQ(lab_.Rollout("r2").state(), v1::ROLLOUT_STATE_COMPLETED);
  TellLines();
  RevokeIt(v1::SERVE_INSTEAD_BASELINE);
  EXPECT_EQ(lab_.book().Baselines().front().release.version(), "1.0.0");
  EXPECT_EQ(ShouldRun("dev-10"), "1.0.0 not 2.0.0");
  lab_.Reload();
  EXPECT_EQ(ShouldRun("dev-10"), "1.0.0 not 2.0.0");
  EXPECT_EQ(ShouldRun("dev-01"), "1.0.0 not 2.0.0");
}

TEST_F(KillSwitch, ARolloutThatGoesBackToItGoesBackToItsSubstitute) {
  ASSERT_TRUE(lab_.Act("r2", v1::ROLLOUT_ACTION_PROMOTE).ok());
  for (int i = 0; i < 3; ++i) {
    lab_.Wait(absl::Seconds(2));
    (void)lab_.Act("r2", v1::ROLLOUT_ACTION_PROMOTE);
  }
  lab_.Publish("3.0.0", Conduct::kGood);
  lab_.CreateAndStart(RolloutLab::Spec("r3", "3.0.0", {3}, absl::Hours(1)));
  ASSERT_EQ(lab_.Rollout("r3").baseline().version(), "2.0.0");
  TellLines();
  RevokeIt(v1::SERVE_INSTEAD_PREVIOUS);
  EXPECT_EQ(lab_.Rollout("r3").baseline().version(), "1.0.0");
  EXPECT_EQ(lab_.Rollout("r3").state(), v1::ROLLOUT_STATE_RUNNING);
}

TEST_F(KillSwitch, ANewerRolloutBringsStoppedDevicesAnotherRelease) {
  RevokeIt(v1::SERVE_INSTEAD_NOTHING);
  lab_.Wait(absl::Seconds(1));
  lab_.Publish("3.0.0", Conduct::kGood);
  lab_.CreateAndStart(RolloutLab::Spec("fix", "3.0.0", {}));
  EXPECT_EQ(ShouldRun(OnIt()), "3.0.0 not 2.0.0");
}

TEST_F(KillSwitch, WhoWentBackToWhatRanBeforeStaysThere) {
  RevokeIt(v1::SERVE_INSTEAD_PREVIOUS);
  v1::Device& device = lab_.fleet().devices.at(OnIt());
  lab_.Publish("0.9.0", Conduct::kGood);
  *device.mutable_lines(0)->mutable_current() = Ref("0.9.0");
  EXPECT_EQ(ShouldRun(OnIt()), "- not 2.0.0");
}

TEST(Revocation, CountsADeviceUntilItSaysThatItStopped) {
  v1::Device device;
  EXPECT_FALSE(MayAnswerWith(device, Published().ref()));
  v1::LineStatus& line = *device.add_lines();
  line.set_line("pump");
  line.mutable_current()->set_sha256("digest");
  v1::ReleaseRef revoked = Published().ref();
  revoked.set_sha256("digest");
  EXPECT_TRUE(MayAnswerWith(device, revoked));
  // It has said that it runs another one now, and not yet that the engine is gone.
  *line.mutable_previous() = line.current();
  line.mutable_current()->set_sha256("another digest");
  EXPECT_TRUE(MayAnswerWith(device, revoked));
  line.add_stopped_sha256("digest");
  EXPECT_FALSE(MayAnswerWith(device, revoked));
  EXPECT_TRUE(HasStopped(device, revoked));
}

}  // namespace
}  // namespace flotilla::rollout
