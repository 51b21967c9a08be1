#include "agent/state/outbox.h"

#include <fstream>

#include <gtest/gtest.h>

#include "agent/state/saved_control.h"
#include "tests/support/seeded_random.h"
#include "tests/support/temp_dir.h"

namespace flotilla::agent {
namespace {

v1::Assignment Assign(const std::string& version, const std::string& line = "pump") {
  v1::Assignment assignment;
  assignment.mutable_release()->set_line(line);
  assignment.mutable_release()->set_version(version);
  assignment.mutable_release()->set_sha256("sha" + version);
  assignment.set_rollout_id("r1");
  return assignment;
}

v1::UpdateReport Report(v1::DeploymentState state) {
  v1::UpdateReport report;
  report.set_state(state);
  return report;
}

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() { Reopen(); }

  // What a power cut leaves: the file, nothing of memory.
  void Reopen() {
    outbox_.reset();
    db_.reset();
    auto db = StateDb::Open(dir_.path() / "agent.db");
    ASSERT_TRUE(db.ok()) << db.status();
    db_ = *std::move(db);
    auto outbox = Outbox::Open(*db_, random_);
    ASSERT_TRUE(outbox.ok()) << outbox.status();
    outbox_ = *std::move(outbox);
  }

  bool Append(const v1::Assignment& assignment, v1::DeploymentState state) {
    const StatusOr<bool> appended = outbox_->Append(assignment, Report(state));
    EXPECT_TRUE(appended.ok()) << appended.status();
    return appended.ok() && *appended;
  }

  std::vector<v1::UpdateReport> After(std::uint64_t seq) {
    StatusOr<std::vector<v1::UpdateReport>> reports = outbox_->After(seq, 100);
    EXPECT_TRUE(reports.ok()) << reports.status();
    return reports.ok() ? *std::move(reports) : std::vector<v1::UpdateReport>();
  }

  TempDir dir_;
  SeededRandom random_{3};
  std::unique_ptr<StateDb> db_;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(OutboxTest, IsEmptyAtFirst) {
  EXPECT_EQ(outbox_->first_seq(), 0U);
  EXPECT_EQ(outbox_->last_unacknowledged_seq(), 0U);
  EXPECT_NE(outbox_->boot_epoch(), 0U);
}

TEST_F(OutboxTest, NumbersReportsFromOne) {
  EXPECT_TRUE(Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED));
  EXPECT_TRUE(Append(Assign("1"), v1::DEPLOYMENT_STATE_DOWNLOADING));
  const std::vector<v1::UpdateReport> reports = After(0);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[0].seq(), 1U);
  EXPECT_EQ(reports[1].seq(), 2U);
  EXPECT_EQ(reports[1].boot_epoch(), outbox_->boot_epoch());
}

TEST_F(OutboxTest, KeepsReportsEpochAndProgressOverAPowerCut) {
  Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED);
  const std::uint64_t epoch = outbox_->boot_epoch();
  Reopen();
  EXPECT_EQ(outbox_->boot_epoch(), epoch);
  EXPECT_EQ(After(0).size(), 1U);
  EXPECT_FALSE(Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED));
  EXPECT_TRUE(Append(Assign("1"), v1::DEPLOYMENT_STATE_DOWNLOADING));
  EXPECT_EQ(outbox_->last_unacknowledged_seq(), 2U);
}

TEST_F(OutboxTest, ANewFileIsANewEpoch) {
  const TempDir other_dir;
  auto other_db = StateDb::Open(other_dir.path() / "agent.db");
  ASSERT_TRUE(other_db.ok());
  auto other = Outbox::Open(**other_db, random_);
  ASSERT_TRUE(other.ok());
  EXPECT_NE((*other)->boot_epoch(), outbox_->boot_epoch());
}

TEST_F(OutboxTest, DoesNotDoubleTheSameStateOfTheSameAssignment) {
  EXPECT_TRUE(Append(Assign("1"), v1::DEPLOYMENT_STATE_ALREADY_CURRENT));
  EXPECT_FALSE(Append(Assign("1"), v1::DEPLOYMENT_STATE_ALREADY_CURRENT));
  v1::Assignment again = Assign("1");
  again.set_attempt(2);
  EXPECT_TRUE(Append(again, v1::DEPLOYMENT_STATE_ALREADY_CURRENT));
}

TEST_F(OutboxTest, KeepsLinesApart) {
  EXPECT_TRUE(Append(Assign("1", "pump"), v1::DEPLOYMENT_STATE_ACCEPTED));
  EXPECT_TRUE(Append(Assign("1", "embedder"), v1::DEPLOYMENT_STATE_ACCEPTED));
  EXPECT_FALSE(Append(Assign("1", "pump"), v1::DEPLOYMENT_STATE_ACCEPTED));
}

TEST_F(OutboxTest, ForgetsWhatIsAcknowledgedAndNeverUsesANumberAgain) {
  Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED);
  Append(Assign("1"), v1::DEPLOYMENT_STATE_DOWNLOADING);
  Append(Assign("1"), v1::DEPLOYMENT_STATE_SUCCEEDED);
  ASSERT_TRUE(outbox_->AckUpTo(2).ok());
  EXPECT_EQ(outbox_->first_seq(), 3U);
  ASSERT_TRUE(outbox_->AckUpTo(3).ok());
  Reopen();
  EXPECT_EQ(outbox_->first_seq(), 0U);
  EXPECT_TRUE(After(0).empty());
  Append(Assign("2"), v1::DEPLOYMENT_STATE_ACCEPTED);
  EXPECT_EQ(outbox_->first_seq(), 4U);
}

TEST_F(OutboxTest, AnAckOfMoreThanWasGivenOutCoversWhatIsThereAlone) {
  Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED);
  ASSERT_TRUE(outbox_->AckUpTo(1000).ok());
  Append(Assign("1"), v1::DEPLOYMENT_STATE_DOWNLOADING);
  EXPECT_EQ(outbox_->first_seq(), 2U);
}

TEST_F(OutboxTest, AnOldAckChangesNothing) {
  Append(Assign("1"), v1::DEPLOYMENT_STATE_ACCEPTED);
  Append(Assign("1"), v1::DEPLOYMENT_STATE_DOWNLOADING);
  ASSERT_TRUE(outbox_->AckUpTo(2).ok());
  ASSERT_TRUE(outbox_->AckUpTo(1).ok());
  EXPECT_EQ(outbox_->first_seq(), 0U);
}

TEST_F(OutboxTest, TakesAcknowledgedReportsBackForAControllerThatForgotThem) {
  for (int i = 1; i <= 4; ++i) {
    Append(Assign(std::to_string(i)), v1::DEPLOYMENT_STATE_SUCCEEDED);
  }
  ASSERT_TRUE(outbox_->AckUpTo(4).ok());
  EXPECT_EQ(outbox_->TakeBack(4).value(), 0U);
  EXPECT_EQ(outbox_->first_seq(), 0U);
  Reopen();
  EXPECT_EQ(outbox_->TakeBack(1).value(), 3U);
  EXPECT_EQ(outbox_->first_seq(), 2U);
  EXPECT_EQ(outbox_->last_unacknowledged_seq(), 4U);
  EXPECT_EQ(After(1).size(), 3U);
  Reopen();
  EXPECT_EQ(outbox_->first_seq(), 2U) << "durable before it is told again";
  ASSERT_TRUE(outbox_->AckUpTo(4).ok());
  EXPECT_EQ(outbox_->first_seq(), 0U);
}

TEST_F(OutboxTest, KeepsABoundedNumberOfWhatIsAcknowledged) {
  constexpr std::uint64_t kMany = Outbox::kKept + 36;
  for (std::uint64_t i = 1; i <= kMany; ++i) {
    Append(Assign(std::to_string(i)), v1::DEPLOYMENT_STATE_SUCCEEDED);
  }
  ASSERT_TRUE(outbox_->AckUpTo(kMany).ok());
  EXPECT_EQ(outbox_->TakeBack(0).value(), Outbox::kKept);
  EXPECT_EQ(After(0).front().seq(), kMany - Outbox::kKept + 1);
  EXPECT_EQ(After(0).back().seq(), kMany);
}

TEST_F(OutboxTest, KeepsTheDesiredStateOverAPowerCut) {
  v1::DesiredState desired;
  desired.set_generation(41);
  *desired.add_assignments() = Assign("2");
  ASSERT_TRUE(SaveDesiredState(*db_, desired).ok());
  Reopen();
  const StatusOr<v1::DesiredState> loaded = LoadDesiredState(*db_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->generation(), 41U);
  EXPECT_EQ(loaded->assignments(0).release().version(), "2");
}

TEST(StateDb, RefusesAFileThatIsNoDatabase) {
  const TempDir dir;
  std::ofstream(dir.path() / "agent.db") << std::string(4096, 'x');
  EXPECT_EQ(StateDb::Open(dir.path() / "agent.db").status().code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace flotilla::agent
