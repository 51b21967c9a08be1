#ifndef FLOTILLA_CONTROLLER_REPLICA_CHANGE_FEED_H_
#define FLOTILLA_CONTROLLER_REPLICA_CHANGE_FEED_H_

#include <cstdint>
#include <functional>

namespace flotilla::controller {

// What replicas watch. Each has a revision that only rises.
enum class ChangeTopic { kUnspecified = 0, kLeader, kRevocations };

// Port: tells a replica that something in the database changed, whoever changed it. Thread-safe.
// Real: PostgresChangeFeed (controller/storage). Fake: MemoryChangeFeed (tests/support).
class ChangeFeed {
 public:
  // A newer revision of `topic` than the one told before; those between may be left out. Called on
  // a thread of the feed's: copies, posts and returns.
  using Watcher = std::function<void(ChangeTopic topic, std::uint64_t revision)>;

  virtual ~ChangeFeed() = default;
  // `watcher` hears the revisions that are there, then every newer one: within a moment when
  // somebody announced it, within the feed's poll interval in any case. Call once.
  virtual void Watch(Watcher watcher) = 0;
  // Something was committed: the other replicas are to look. Calls in quick succession become one
  // announcement. Lost when the database is away; the poll finds what it was about.
  virtual void Announce() = 0;

 protected:
  ChangeFeed() = default;
  ChangeFeed(const ChangeFeed&) = default;
  ChangeFeed& operator=(const ChangeFeed&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_REPLICA_CHANGE_FEED_H_
