#ifndef FLOTILLA_CONTROLLER_STORAGE_POSTGRES_CHANGE_FEED_H_
#define FLOTILLA_CONTROLLER_STORAGE_POSTGRES_CHANGE_FEED_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/time.h"
#include "controller/replica/change_feed.h"

namespace flotilla::controller {

struct ChangeFeedOptions {
  // As PostgresConninfo gives it; not through PgBouncer's transaction mode.
  std::string conninfo;
  // A notification that got lost is made up for within this.
  Duration poll = absl::Seconds(2);
  // Announcements are so far apart at least: 10 a second.
  Duration announce_gap = absl::Milliseconds(100);
  // Between two tries to reach the database.
  Duration retry = absl::Seconds(1);
};

// ChangeFeed by LISTEN and NOTIFY on one connection of its own, which is in no transaction but that
// of each NOTIFY: a NOTIFY among data would make commits wait for each other. What is notified
// carries nothing: whoever hears it reads the revisions. A broken connection is opened again, and
// the revisions read at once. One thread; while the server does not answer, its end waits for
// libpq's connect_timeout.
class PostgresChangeFeed final : public ChangeFeed {
 public:
  // `clock` outlives this.
  PostgresChangeFeed(ChangeFeedOptions options, const Clock& clock);
  ~PostgresChangeFeed() override;
  PostgresChangeFeed(const PostgresChangeFeed&) = delete;
  PostgresChangeFeed& operator=(const PostgresChangeFeed&) = delete;

  void Watch(Watcher watcher) override;
  void Announce() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_POSTGRES_CHANGE_FEED_H_
