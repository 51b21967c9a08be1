#include "tests/contract/leadership_contract.h"

#include <thread>
#include <utility>

#include "flotilla/v1/failure_reason.pb.h"

namespace flotilla::controller {

LeaderTerm LeadershipContract::TakeOver(Leadership& leadership) {
  StatusOr<LeaderTerm> term = leadership.Acquire();
  while (!term.ok() && ReasonNumber(term.status()) == v1::FAILURE_REASON_STORAGE_LOCKED) {
    std::this_thread::yield();
    term = leadership.Acquire();
  }
  EXPECT_TRUE(term.ok()) << term.status();
  return term.ok() ? *std::move(term) : LeaderTerm();
}

namespace {

FleetChange DeviceChange(const std::string& id) {
  FleetChange change;
  change.devices.emplace_back().record.set_id(id);
  return change;
}

TEST_P(LeadershipContract, HasOneLeaderAtATime) {
  auto term = subject_->first().Acquire();
  ASSERT_TRUE(term.ok()) << term.status();
  const auto refused = subject_->second().Acquire();
  EXPECT_EQ(refused.status().code(), StatusCode::kUnavailable) << refused.status();
  EXPECT_EQ(ReasonNumber(refused.status()), v1::FAILURE_REASON_STORAGE_LOCKED);
  EXPECT_EQ(term->store->Commit(DeviceChange("pump-01")), OkStatus());
}

TEST_P(LeadershipContract, PassesToAnotherWithAHigherEpochWhenTheStoreIsGone) {
  LeaderTerm term = TakeOver(subject_->first());
  EXPECT_GT(term.epoch, 0U);
  ASSERT_EQ(term.store->Commit(DeviceChange("pump-01")), OkStatus());
  term.store.reset();
  const LeaderTerm next = TakeOver(subject_->second());
  EXPECT_GT(next.epoch, term.epoch);
  const auto snapshot = next.store->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(snapshot->devices.size(), 1U);
}

TEST_P(LeadershipContract, AnOldLeaderCommitsNothingAndLearnsThatItIsOver) {
  const LeaderTerm old = TakeOver(subject_->first());
  ASSERT_EQ(old.store->Commit(DeviceChange("pump-01")), OkStatus());
  subject_->CutLeader();
  LeaderTerm next = TakeOver(subject_->second());
  ASSERT_NE(next.store, nullptr);
  EXPECT_FALSE(old.store->Commit(DeviceChange("pump-02")).ok()) << "while the next one leads";
  const auto snapshot = next.store->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(snapshot->devices.size(), 1U);
  next.store.reset();
  Status status = old.store->Commit(DeviceChange("pump-02"));
  while (status.code() == StatusCode::kUnavailable) {  // the server is still at next's end
    status = old.store->Commit(DeviceChange("pump-02"));
  }
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
}

TEST_P(LeadershipContract, KnowsNobodyBeforeTheFirst) {
  EXPECT_EQ(subject_->first().Newest().status().code(), StatusCode::kNotFound);
}

TEST_P(LeadershipContract, TellsOthersWhereTheLeaderIs) {
  const LeaderTerm term = TakeOver(subject_->first());
  auto newest = subject_->second().Newest();
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->epoch, term.epoch);
  EXPECT_EQ(newest->device, "") << "it leads, and does not serve yet";
  const Leader here = {term.epoch, "left", "host:1", "host:2", "host:3", "host:4"};
  ASSERT_EQ(subject_->first().Publish(here), OkStatus());
  newest = subject_->second().Newest();
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(*newest, here);
}

TEST_P(LeadershipContract, ForgetsWhereTheLastLeaderWasAndRefusesItsWord) {
  LeaderTerm old = TakeOver(subject_->first());
  const Leader there = {old.epoch, "left", "host:1", "host:2", "host:3", "host:4"};
  ASSERT_EQ(subject_->first().Publish(there), OkStatus());
  old.store.reset();
  const LeaderTerm next = TakeOver(subject_->second());
  EXPECT_EQ(subject_->first().Publish(there).code(), StatusCode::kFailedPrecondition);
  const auto newest = subject_->first().Newest();
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->epoch, next.epoch);
  EXPECT_EQ(newest->device, "");
}

}  // namespace
}  // namespace flotilla::controller
