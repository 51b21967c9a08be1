// UpdateDirector and revoked releases.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/update/update_director.h"
#include "base/os_durable_fs.h"
#include "security/sha256.h"
#include "tests/support/fake_engine_control.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_update_work.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr char kLine[] = "pump";

class RevokedRelease : public ::testing::Test {
 protected:
  RevokedRelease()
      : db_(StateDb::Open(dir_.path() / "agent.db").value()),
        outbox_(Outbox::Open(*db_, random_).value()),
        store_(ota::Store::Open(dir_.path(), fs_).value()) {
    Restart();
    first_ = Offer("1.0.0");
    second_ = Offer("2.0.0");
  }

  void Restart() {
    director_.reset();
    lines_ = LineSet::Open(dir_.path(), *store_, fs_, executor_).value();
    UpdateDirector::Parts parts{executor_, executor_, random_, *outbox_, *lines_,
                                work_,     engines_,  [] {},   [] {}};
    parts.on_lines = [this] { ++told_; };
    parts.too_old = [this](const v1::InstalledRelease& release) {
      return !too_old_.empty() && release.ref().version() == too_old_;
    };
    director_ = std::make_unique<UpdateDirector>(DirectorOptions(), std::move(parts));
  }
  v1::InstalledRelease Offer(const std::string& version) {
    const Bytes model = ToBytes("model " + version);
    v1::InstalledRelease release;
    release.mutable_ref()->set_line(kLine);
    release.mutable_ref()->set_version(version);
    release.mutable_ref()->set_sha256(ToText(security::Sha256(ToBytes(version)).bytes()));
    release.set_model_sha256(ToText(security::Sha256(model).bytes()));
    release.set_fallback_answer("Please ask a colleague.");
    EXPECT_TRUE(store_->InstallBytes(security::Sha256(model), ota::BlobKind::kModel, model).ok());
    work_.Offer(release);
    return release;
  }
  v1::DesiredState Wanting(const v1::InstalledRelease& release) {
    v1::DesiredState desired;
    v1::Assignment& assignment = *desired.add_assignments();
    *assignment.mutable_release() = release.ref();
    assignment.set_rollout_id("r-" + release.ref().version());
    return desired;
  }
  static void AddStop(v1::DesiredState& desired, const v1::InstalledRelease& release,
                      v1::ServeInstead serve) {
    v1::ReleaseStop& stop = *desired.add_stops();
    *stop.mutable_release() = release.ref();
    stop.set_serve(serve);
  }
  void Take(const v1::DesiredState& desired) {
    desired_ = desired;
    director_->OnDesiredState(desired);
    executor_.RunReady();
  }
  void Confirm() {
    director_->OnServing(kLine);
    director_->OnTrialPassed(kLine);
    executor_.RunReady();
  }
  // Both releases are on the disk, the second one runs.
  void RunBoth() {
    Take(Wanting(first_));
    Confirm();
    Take(Wanting(second_));
    Confirm();
    ASSERT_EQ(Runs(), "2.0.0");
  }
  std::string Runs() { return engines_.Line(kLine).active.current().ref().version(); }
  const FakeEngineControl::Wanted& Engines() { return engines_.Line(kLine); }
  const ota::LineSlots& Slots() { return *lines_->Find(kLine); }
  bool SaysStopped() {
    const auto digests = director_->StoppedReleases(Slots());
    return std::find(digests.begin(), digests.end(), second_.ref().sha256()) != digests.end();
  }

  TempDir dir_;
  OsDurableFs fs_;
  FakeExecutor executor_;
  SeededRandom random_{3};
  std::unique_ptr<StateDb> db_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<ota::Store> store_;
  std::unique_ptr<LineSet> lines_;
  FakeUpdateWork work_{executor_};
  FakeEngineControl engines_;
  v1::InstalledRelease first_;
  v1::InstalledRelease second_;
  v1::DesiredState desired_;
  int told_ = 0;
  std::string too_old_;
  std::unique_ptr<UpdateDirector> director_;
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
  EXPECT_EQ(told_, 0);
  director_->OnStopped(kLine);
  EXPECT_TRUE(SaysStopped());
  EXPECT_EQ(told_, 1);
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
