#ifndef FLOTILLA_TESTS_SUPPORT_MEMORY_CHANGE_FEED_H_
#define FLOTILLA_TESTS_SUPPORT_MEMORY_CHANGE_FEED_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "controller/replica/change_feed.h"

namespace flotilla::controller {

class MemoryChangeFeed;

// The database that several MemoryChangeFeeds share. One thread.
struct MemoryRevisions {
  std::map<ChangeTopic, std::uint64_t> revisions;
  std::vector<MemoryChangeFeed*> feeds;

  // What time does.
  void Poll();
};

// ChangeFeed in memory, one for each replica; everything happens in the call.
class MemoryChangeFeed final : public ChangeFeed {
 public:
  // `shared` outlives this.
  explicit MemoryChangeFeed(MemoryRevisions& shared) : shared_(shared) {
    shared_.feeds.push_back(this);
  }
  ~MemoryChangeFeed() override { std::erase(shared_.feeds, this); }
  MemoryChangeFeed(const MemoryChangeFeed&) = delete;
  MemoryChangeFeed& operator=(const MemoryChangeFeed&) = delete;

  void Watch(Watcher watcher) override {
    watcher_ = std::move(watcher);
    Look();
  }
  void Announce() override { shared_.Poll(); }

  void Look() {
    for (const auto& [topic, revision] : shared_.revisions) {
      std::uint64_t& told = told_[topic];
      if (watcher_ && told < revision) {
        told = revision;
        watcher_(topic, revision);
      }
    }
  }

 private:
  MemoryRevisions& shared_;
  Watcher watcher_;
  std::map<ChangeTopic, std::uint64_t> told_;
};

inline void MemoryRevisions::Poll() {
  for (MemoryChangeFeed* feed : std::vector(feeds)) {
    feed->Look();
  }
}

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_MEMORY_CHANGE_FEED_H_
