#include "tests/contract/change_feed_contract.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace flotilla::controller {

ChangeFeed::Watcher FeedRecord::Watcher() {
  return [this](ChangeTopic topic, std::uint64_t revision) {
    const std::lock_guard lock(mutex_);
    told_[topic].push_back(revision);
    changed_.notify_all();
  };
}

bool FeedRecord::Await(ChangeTopic topic, std::uint64_t revision) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::minutes(1), [&] {
    return !told_[topic].empty() && told_[topic].back() >= revision;
  });
}

std::vector<std::uint64_t> FeedRecord::Told(ChangeTopic topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = told_.find(topic);
  return found == told_.end() ? std::vector<std::uint64_t>() : found->second;
}

namespace {

constexpr ChangeTopic kTopics[] = {ChangeTopic::kLeader, ChangeTopic::kRevocations};

TEST_P(ChangeFeedContract, TellsWhatIsThereWhenItBegins) {
  FeedRecord record;
  subject_->Commit(ChangeTopic::kLeader);
  subject_->Commit(ChangeTopic::kRevocations);
  const auto feed = subject_->NewFeed(FeedPolls::kNever);
  feed->Watch(record.Watcher());
  for (const ChangeTopic topic : kTopics) {
    EXPECT_TRUE(record.Await(topic, subject_->Revision(topic)));
  }
}

TEST_P(ChangeFeedContract, TellsAnotherReplicaWhatIsAnnounced) {
  FeedRecord here;
  FeedRecord there;
  const auto announcing = subject_->NewFeed(FeedPolls::kNever);
  const auto other = subject_->NewFeed(FeedPolls::kNever);
  subject_->Commit(ChangeTopic::kLeader);
  announcing->Watch(here.Watcher());
  other->Watch(there.Watcher());
  ASSERT_TRUE(there.Await(ChangeTopic::kLeader, subject_->Revision(ChangeTopic::kLeader)));
  for (int i = 0; i < 3; ++i) {
    subject_->Commit(ChangeTopic::kLeader);
    announcing->Announce();
    EXPECT_TRUE(there.Await(ChangeTopic::kLeader, subject_->Revision(ChangeTopic::kLeader)));
    EXPECT_TRUE(here.Await(ChangeTopic::kLeader, subject_->Revision(ChangeTopic::kLeader)));
  }
}

TEST_P(ChangeFeedContract, FindsByItselfWhatNobodyAnnounced) {
  FeedRecord record;
  const auto feed = subject_->NewFeed(FeedPolls::kOften);
  subject_->Commit(ChangeTopic::kRevocations);
  feed->Watch(record.Watcher());
  ASSERT_TRUE(record.Await(ChangeTopic::kRevocations, 1));
  subject_->Commit(ChangeTopic::kRevocations);
  subject_->PassPoll();
  EXPECT_TRUE(
      record.Await(ChangeTopic::kRevocations, subject_->Revision(ChangeTopic::kRevocations)));
}

TEST_P(ChangeFeedContract, TellsEachRevisionOnceAndNoneThatIsOlder) {
  FeedRecord record;
  const auto feed = subject_->NewFeed(FeedPolls::kOften);
  feed->Watch(record.Watcher());
  for (int i = 0; i < 20; ++i) {
    subject_->Commit(ChangeTopic::kLeader);
    feed->Announce();
    subject_->PassPoll();
  }
  ASSERT_TRUE(record.Await(ChangeTopic::kLeader, subject_->Revision(ChangeTopic::kLeader)));
  const std::vector<std::uint64_t> told = record.Told(ChangeTopic::kLeader);
  EXPECT_EQ(std::adjacent_find(told.begin(), told.end(), std::greater_equal<>()), told.end());
}

}  // namespace
}  // namespace flotilla::controller
