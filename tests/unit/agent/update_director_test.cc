#include "agent/update/update_director.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "security/sha256.h"
#include "tests/unit/agent/updating_device.h"

namespace flotilla::agent {
namespace {

google::protobuf::Duration Minutes(int minutes) {
  google::protobuf::Duration duration;
  duration.set_seconds(std::int64_t{60} * minutes);
  return duration;
}

class UpdateDirectorTest : public UpdatingDevice {
 protected:
  void Want(const v1::InstalledRelease& release) {
    v1::DesiredState desired = Wanting(release);
    v1::Assignment& assignment = *desired.mutable_assignments(0);
    *assignment.mutable_download_deadline() = Minutes(60);
    *assignment.mutable_self_test_deadline() = Minutes(10);
    *assignment.mutable_activate_deadline() = Minutes(15);
    Take(desired);
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
