#include "ota/line_slots.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "ota/steps/self_test.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

class LineSlotsTest : public testing::Test {
 protected:
  LineSlotsTest() : device_(std::make_unique<DeviceRig>(world_, dir_.path(), fs_)) {
    EXPECT_TRUE(device_->Start().ok());
  }
  void Restart() {
    device_.reset();
    device_ = std::make_unique<DeviceRig>(world_, dir_.path(), fs_);
    ASSERT_EQ(OkStatus(), device_->Start());
  }
  void Activate(const v1::ReleaseRef& ref) {
    const StatusOr<PrepareResult> ready = device_->Prepare(ref);
    ASSERT_EQ(OkStatus(), ready.status());
    ASSERT_EQ(OkStatus(), device_->slots().Activate(ready->txn));
  }
  LineSlots& slots() { return device_->slots(); }

  TempDir dir_;
  OsDurableFs fs_;
  World world_;
  std::unique_ptr<DeviceRig> device_;
};

TEST_F(LineSlotsTest, StartsWithNothing) {
  EXPECT_EQ(RecoveryAction::kNothing, device_->plan().action);
  EXPECT_FALSE(slots().active().has_current());
  EXPECT_EQ(0U, slots().CountAttempt().value());
  EXPECT_FALSE(slots().Confirm().ok());
}

TEST_F(LineSlotsTest, DoesNotActivateWhatWasNotTested) {
  EXPECT_EQ(StatusCode::kFailedPrecondition, slots().Activate("deadbeef").code());
  v1::JournalRecord begin;
  *begin.mutable_release()->mutable_ref() = world_.Release("1.0.0", 1, 1);
  ASSERT_TRUE(slots().Begin(begin, "t1").ok());
  EXPECT_EQ(StatusCode::kFailedPrecondition, slots().Activate("t1").code());
}

TEST_F(LineSlotsTest, CountsStartsOfATrialAcrossRestartsAndEndsThem) {
  Activate(world_.Release("1.0.0", 1, 1));
  for (std::uint32_t attempt = 1; attempt <= kMaxTrialAttempts; ++attempt) {
    EXPECT_EQ(RecoveryAction::kTrial, slots().Recover()->action);
    EXPECT_EQ(attempt, slots().CountAttempt().value());
    Restart();
  }
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_ATTEMPTS, ReasonNumber(slots().CountAttempt().status()));
}

TEST_F(LineSlotsTest, GivesAMarkedFirstInstallUpAndTakesTheNextRelease) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  Activate(first);
  EXPECT_EQ(
      v1::FAILURE_REASON_INSTALL_ROLLBACK_FAILED,
      ReasonNumber(slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad)));
  EXPECT_TRUE(slots().FindBad(Digest::FromBytes(AsBytes(first.sha256())).value()).has_value());
  EXPECT_FALSE(slots().active().has_current());
  Restart();
  EXPECT_FALSE(slots().active().has_current());
  EXPECT_EQ(OkStatus(), device_->Update(world_.Release("2.0.0", 2, 2)));
}

TEST_F(LineSlotsTest, KeepsAFirstInstallThatNobodyMarks) {
  ASSERT_TRUE(device_->Update(world_.Release("1.0.0", 1, 1)).ok());
  EXPECT_EQ(
      v1::FAILURE_REASON_INSTALL_ROLLBACK_FAILED,
      ReasonNumber(slots().RollBack(v1::FAILURE_REASON_POLICY_OPERATOR_HOLD, MarkMode::kNoMark)));
  EXPECT_EQ("1.0.0", device_->current());
}

TEST_F(LineSlotsTest, GoesBackDuringTheTrialAndWithoutAMarkWhenTheOperatorAsks) {
  ASSERT_TRUE(device_->Update(world_.Release("1.0.0", 1, 1)).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  Activate(second);
  ASSERT_TRUE(slots().RollBack(v1::FAILURE_REASON_POLICY_OPERATOR_HOLD, MarkMode::kNoMark).ok());
  EXPECT_EQ("1.0.0", device_->current());
  EXPECT_FALSE(slots().active().trial());
  EXPECT_TRUE(slots().marked_bad().empty());
  EXPECT_EQ(OkStatus(), device_->Update(second));
}

TEST_F(LineSlotsTest, RebuildsALostActiveFileFromTheJournal) {
  ASSERT_TRUE(device_->Update(world_.Release("1.0.0", 1, 1)).ok());
  ASSERT_TRUE(device_->Update(world_.Release("2.0.0", 2, 2)).ok());
  std::ofstream(dir_.path() / "lines/pump/active") << "garbage";
  Restart();
  EXPECT_EQ("2.0.0", device_->current());
  EXPECT_EQ("1.0.0", slots().active().previous().ref().version());
  EXPECT_FALSE(slots().active().trial());
}

TEST_F(LineSlotsTest, RebuildsLostMarksFromTheJournal) {
  ASSERT_TRUE(device_->Update(world_.Release("1.0.0", 1, 1)).ok());
  const v1::ReleaseRef second = world_.Release("2.0.0", 2, 2);
  world_.tester.Answer(1, 95, 100);
  ASSERT_FALSE(device_->Prepare(second).ok());
  std::ofstream(dir_.path() / "lines/pump/holds") << "garbage";
  Restart();
  EXPECT_TRUE(slots().FindBad(Digest::FromBytes(AsBytes(second.sha256())).value()).has_value());
  EXPECT_EQ("1.0.0", device_->current());
}

TEST_F(LineSlotsTest, FallsBackWhenTheCurrentReleaseIsGoneFromTheStore) {
  ASSERT_TRUE(device_->Update(world_.Release("1.0.0", 1, 1)).ok());
  ASSERT_TRUE(device_->Update(world_.Release("2.0.0", 2, 2)).ok());
  const Digest model =
      Digest::FromBytes(AsBytes(slots().active().current().model_sha256())).value();
  std::filesystem::remove_all(device_->store().PathOf(model, BlobKind::kModel).parent_path());
  Restart();
  EXPECT_EQ(RecoveryAction::kRollBack, device_->plan().action);
  EXPECT_EQ("1.0.0", device_->current());
  Restart();
  EXPECT_EQ(RecoveryAction::kNothing, device_->plan().action);
}

TEST_F(LineSlotsTest, GoesIntoSafeModeWithoutAnyReleaseAndTakesANewOne) {
  const v1::ReleaseRef first = world_.Release("1.0.0", 1, 1);
  ASSERT_TRUE(device_->Update(first).ok());
  std::filesystem::remove_all(dir_.path() / "store");
  Restart();
  EXPECT_EQ(RecoveryAction::kSafeMode, device_->plan().action);
  EXPECT_FALSE(slots().active().has_current());
  EXPECT_EQ(OkStatus(), device_->Update(first));
  EXPECT_EQ("1.0.0", device_->current());
}

TEST(JudgeGoldenScore, AllowsTwoPercentOrOnePromptAndNoLess) {
  struct Row {
    std::uint32_t correct, running, total, floor;
    bool passes;
  };
  for (const Row& row :
       {Row{93, 95, 100, 0, true}, Row{92, 95, 100, 0, false}, Row{9, 10, 10, 0, true},
        Row{8, 10, 10, 0, false}, Row{70, 70, 100, 70, true}, Row{69, 60, 100, 70, false},
        Row{0, 0, 0, 70, true}, Row{190, 194, 200, 0, true}, Row{189, 194, 200, 0, false}}) {
    v1::GoldenScore score;
    score.set_correct(row.correct);
    score.set_running_correct(row.running);
    score.set_total(row.total);
    score.set_floor_percent(row.floor);
    EXPECT_EQ(row.passes, JudgeGoldenScore(score).ok()) << row.correct << " of " << row.total;
  }
}

}  // namespace
}  // namespace flotilla::ota
