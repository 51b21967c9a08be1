#include "agent/update/update_director.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "security/sha256.h"
#include "tests/support/fake_engine_control.h"
#include "tests/support/fake_executor.h"
#include "tests/support/fake_update_work.h"
#include "tests/support/recording_health_sink.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

constexpr char kLine[] = "pump";

google::protobuf::Duration Minutes(int minutes) {
  google::protobuf::Duration duration;
  duration.set_seconds(60 * minutes);
  return duration;
}

class UpdateDirectorTest : public testing::Test {
 protected:
  UpdateDirectorTest()
      : db_(StateDb::Open(dir_.path() / "agent.db").value()),
        outbox_(Outbox::Open(*db_, random_).value()),
        store_(ota::Store::Open(dir_.path(), fs_).value()) {
    Restart();
  }

  // A new process over the same files.
  void Restart() {
    director_.reset();
    lines_ = LineSet::Open(dir_.path(), *store_, fs_, executor_).value();
    director_ = std::make_unique<UpdateDirector>(
        DirectorOptions(), UpdateDirector::Parts{executor_, executor_, random_, *outbox_, *lines_,
                                                 work_, engines_, [] {}, [] {}, nullptr, &health_});
  }
  v1::InstalledRelease Offer(const std::string& version) {
    const Bytes model = ToBytes("model " + version);
    v1::InstalledRelease release;
    release.mutable_ref()->set_line(kLine);
    release.mutable_ref()->set_version(version);
    release.mutable_ref()->set_sha256(ToText(security::Sha256(ToBytes(version)).bytes()));
    release.set_model_sha256(ToText(security::Sha256(model).bytes()));
    EXPECT_TRUE(store_->InstallBytes(security::Sha256(model), ota::BlobKind::kModel, model).ok());
    work_.Offer(release);
    return release;
  }
  void Want(const v1::InstalledRelease& release) {
    v1::DesiredState desired;
    v1::Assignment& assignment = *desired.add_assignments();
    *assignment.mutable_release() = release.ref();
    assignment.set_rollout_id("r-" + release.ref().version());
    *assignment.mutable_download_deadline() = Minutes(60);
    *assignment.mutable_self_test_deadline() = Minutes(10);
    *assignment.mutable_activate_deadline() = Minutes(15);
    desired_ = desired;
    director_->OnDesiredState(desired);
    executor_.RunReady();
  }
  void Confirm() {
    director_->OnServing(kLine);
    director_->OnTrialPassed(kLine);
    executor_.RunReady();
  }
  v1::UpdateReport LastReport() const {
    const std::vector<v1::UpdateReport> reports = outbox_->After(0, 1000).value();
    return reports.empty() ? v1::UpdateReport() : reports.back();
  }
  // What was told of releases since the last call: "1.0.0 serves".
  std::vector<std::string> TakeFates() {
    std::vector<std::string> fates;
    for (const RecordingHealthSink::Release& told : health_.releases) {
      EXPECT_EQ(told.line, kLine);
      for (const char* version : {"1.0.0", "2.0.0"}) {
        if (told.release == security::Sha256(ToBytes(version))) {
          const bool serves = told.fate == schema::ReleaseFate::kServing;
          fates.push_back(std::string(version) + (serves ? " serves" : " given up"));
        }
      }
    }
    health_.releases.clear();
    return fates;
  }
  std::string Runs() { return engines_.Line(kLine).active.current().ref().version(); }

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
  RecordingHealthSink health_;
  v1::DesiredState desired_;
  std::unique_ptr<UpdateDirector> director_;
};

TEST_F(UpdateDirectorTest, ADownloadPastItsDeadlineChangesNothing) {
  work_.Hold();
  Want(Offer("1.0.0"));
  executor_.Advance(absl::Minutes(59));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_DOWNLOADING, LastReport().state());
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_NO_CHANGE, LastReport().state());
  EXPECT_EQ(v1::FAILURE_REASON_FETCH_DEADLINE, LastReport().reason());
}

TEST_F(UpdateDirectorTest, ASelfTestPastItsDeadlineGoesBackAndMarksNothing) {
  const v1::InstalledRelease release = Offer("1.0.0");
  work_.Hold();
  Want(release);
  v1::JournalRecord begin;
  *begin.mutable_release() = release;
  ASSERT_TRUE(lines_->Find(kLine)->Begin(begin, "t1").ok());
  executor_.Advance(absl::Minutes(50));
  work_.Tell(v1::DEPLOYMENT_STATE_STAGED);
  work_.Tell(v1::DEPLOYMENT_STATE_SELF_TESTING);
  executor_.Advance(absl::Minutes(9));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_SELF_TESTING, LastReport().state());
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_REVERTED, LastReport().state());
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT, LastReport().reason());
  EXPECT_TRUE(lines_->Find(kLine)->marked_bad().empty());
  EXPECT_FALSE(lines_->Find(kLine)->open_transaction().has_value());
}

TEST_F(UpdateDirectorTest, AnEngineThatDoesNotServeInTimeIsTakenBackAndMarked) {
  Want(Offer("1.0.0"));
  Confirm();
  Want(Offer("2.0.0"));
  ASSERT_EQ("2.0.0", Runs());
  executor_.Advance(absl::Minutes(14));
  EXPECT_EQ("2.0.0", Runs());
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ("1.0.0", Runs());
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_REVERTED, LastReport().state());
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_HEALTH_TIMEOUT, LastReport().reason());
  EXPECT_EQ(1U, lines_->Find(kLine)->marked_bad().size());
}

using Fates = std::vector<std::string>;

TEST_F(UpdateDirectorTest, TellsHealthWhatALineIsCommittedToAndWhatWasGivenUp) {
  Want(Offer("1.0.0"));
  EXPECT_EQ(TakeFates(), Fates{"1.0.0 serves"});
  Confirm();
  EXPECT_EQ(TakeFates(), Fates{});
  Want(Offer("2.0.0"));
  EXPECT_EQ(TakeFates(), Fates{"2.0.0 serves"});
  director_->OnReleaseBad(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  executor_.RunReady();
  EXPECT_EQ(TakeFates(), (Fates{"2.0.0 given up", "1.0.0 serves"}));
  Restart();
  director_->Start(desired_);
  executor_.RunReady();
  EXPECT_EQ(TakeFates(), Fates{"1.0.0 serves"});
  director_->OnReleaseBad(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  executor_.RunReady();
  EXPECT_TRUE(engines_.Line(kLine).safe_mode);
  EXPECT_EQ(TakeFates(), Fates{"1.0.0 given up"});
}

TEST_F(UpdateDirectorTest, TellsHealthOfAReleaseThatFailedItsSelfTest) {
  Want(Offer("1.0.0"));
  Confirm();
  TakeFates();
  work_.Hold();
  const v1::InstalledRelease release = Offer("2.0.0");
  Want(release);
  v1::JournalRecord begin;
  *begin.mutable_release() = release;
  ASSERT_TRUE(lines_->Find(kLine)->Begin(begin, "t1").ok());
  work_.Tell(v1::DEPLOYMENT_STATE_SELF_TESTING);
  executor_.Advance(absl::Minutes(10));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_REVERTED, LastReport().state());
  EXPECT_EQ(TakeFates(), Fates{"2.0.0 given up"});
}

TEST_F(UpdateDirectorTest, ServingEndsTheDeadlineOfActivation) {
  Want(Offer("1.0.0"));
  director_->OnServing(kLine);
  executor_.Advance(absl::Hours(2));
  EXPECT_EQ(v1::DEPLOYMENT_STATE_TRIAL, LastReport().state());
  EXPECT_EQ("1.0.0", Runs());
}

TEST_F(UpdateDirectorTest, ARestartTimesTheActivationAnew) {
  Want(Offer("1.0.0"));
  Confirm();
  Want(Offer("2.0.0"));
  executor_.Advance(absl::Minutes(14));
  Restart();
  director_->Start(desired_);
  executor_.Advance(absl::Minutes(14));
  EXPECT_EQ("2.0.0", Runs());
  executor_.Advance(absl::Minutes(1));
  EXPECT_EQ("1.0.0", Runs());
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_REVERTED, LastReport().state());
}

TEST_F(UpdateDirectorTest, ALineWithNothingToGoBackToStaysInSafeModeAfterARestart) {
  Want(Offer("1.0.0"));
  director_->OnReleaseBad(kLine, v1::FAILURE_REASON_INSTALL_CRASH_LOOP);
  executor_.RunReady();
  EXPECT_TRUE(engines_.Line(kLine).safe_mode);
  EXPECT_EQ(v1::DEPLOYMENT_STATE_FAILED_DEGRADED, LastReport().state());
  engines_ = FakeEngineControl();
  Restart();
  director_->Start(desired_);
  EXPECT_TRUE(engines_.Line(kLine).safe_mode);
}

}  // namespace
}  // namespace flotilla::agent
