// The fakes of what replicas share.

#include <memory>

#include "tests/contract/change_feed_contract.h"
#include "tests/contract/leadership_contract.h"
#include "tests/support/memory_change_feed.h"
#include "tests/support/memory_leadership.h"

namespace flotilla::controller {
namespace {

class MemoryLeaders final : public LeadershipSubject {
 public:
  Leadership& first() override { return first_; }
  Leadership& second() override { return second_; }
  void CutLeader() override { table_.holder = 0; }

 private:
  MemoryLeaderTable table_;
  MemoryLeadership first_{table_};
  MemoryLeadership second_{table_};
};

class MemoryFeeds final : public FeedSubject {
 public:
  std::unique_ptr<ChangeFeed> NewFeed(FeedPolls /*polls*/) override {
    return std::make_unique<MemoryChangeFeed>(shared_);
  }
  void Commit(ChangeTopic topic) override { ++shared_.revisions[topic]; }
  std::uint64_t Revision(ChangeTopic topic) override { return shared_.revisions[topic]; }
  void PassPoll() override { shared_.Poll(); }

 private:
  MemoryRevisions shared_;
};

INSTANTIATE_TEST_SUITE_P(Memory, LeadershipContract,
                         testing::Values(LeadershipKind{
                             "memory", [] { return std::make_unique<MemoryLeaders>(); }}),
                         NameOfLeadership);
INSTANTIATE_TEST_SUITE_P(Memory, ChangeFeedContract,
                         testing::Values(FeedKind{"memory",
                                                  [] { return std::make_unique<MemoryFeeds>(); }}),
                         NameOfFeed);

}  // namespace
}  // namespace flotilla::controller
