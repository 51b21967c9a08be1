// What every ChangeFeed (controller/replica/change_feed.h) keeps; the suite is in
// change_feed_contract.cc.
#ifndef FLOTILLA_TESTS_CONTRACT_CHANGE_FEED_CONTRACT_H_
#define FLOTILLA_TESTS_CONTRACT_CHANGE_FEED_CONTRACT_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "controller/replica/change_feed.h"

namespace flotilla::controller {

enum class FeedPolls { kUnspecified = 0, kOften, kNever };

// A database with revisions, and replicas that watch it.
class FeedSubject {
 public:
  virtual ~FeedSubject() = default;
  virtual std::unique_ptr<ChangeFeed> NewFeed(FeedPolls polls) = 0;
  // Commits a change of `topic`; nobody is told.
  virtual void Commit(ChangeTopic topic) = 0;
  virtual std::uint64_t Revision(ChangeTopic topic) = 0;
  // Lets the interval of polling feeds pass.
  virtual void PassPoll() = 0;

 protected:
  FeedSubject() = default;
  FeedSubject(const FeedSubject&) = default;
  FeedSubject& operator=(const FeedSubject&) = default;
};

// What a feed told. Thread-safe.
class FeedRecord {
 public:
  ChangeFeed::Watcher Watcher();
  // Waits until `topic` was told with `revision` or a newer one; false: a minute went by.
  bool Await(ChangeTopic topic, std::uint64_t revision);
  // In the order in which they were told.
  std::vector<std::uint64_t> Told(ChangeTopic topic) const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ChangeTopic, std::vector<std::uint64_t>> told_;
};

struct FeedKind {
  const char* name;
  // Null: this kind cannot be had here, and its tests do not run.
  std::function<std::unique_ptr<FeedSubject>()> make;
};

inline std::string NameOfFeed(const testing::TestParamInfo<FeedKind>& kind) {
  return kind.param.name;
}

class ChangeFeedContract : public testing::TestWithParam<FeedKind> {
 protected:
  ChangeFeedContract() : subject_(GetParam().make()) {}
  void SetUp() override {
    if (subject_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: " << GetParam().name;
    }
  }

  std::unique_ptr<FeedSubject> subject_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_CONTRACT_CHANGE_FEED_CONTRACT_H_
