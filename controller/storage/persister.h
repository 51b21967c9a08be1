#ifndef FLOTILLA_CONTROLLER_STORAGE_PERSISTER_H_
#define FLOTILLA_CONTROLLER_STORAGE_PERSISTER_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/storage/commit_queue.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

struct PersisterOptions {
  // Changes that wait are merged into one transaction until it has so many rows. A tenth of them is
  // for latest rows while some wait, so that a queue that never ends does not keep them out.
  std::size_t max_rows = 5000;
  // Wait before a commit that failed with UNAVAILABLE or RESOURCE_EXHAUSTED is tried again.
  Duration retry_after = absl::Seconds(1);
  // What the store put aside is folded when nothing was to be done for so long, and when it is more
  // than this.
  Duration fold_after = absl::Seconds(5);
  std::size_t fold_above_bytes = std::size_t{48} << 20U;
};

// Group commit: one thread takes whatever waits and commits it at once, without lingering: changes
// first, and latest rows in the room they leave. While the disk is full or the database away it
// tries again and nobody gets an answer; other errors go to the `done`s. Folds what the store puts
// aside, a piece at a time between commits; what a fold meets is logged, and tried again.
// Thread-safe. Owns the use of `store` from construction on.
class Persister final : public CommitQueue {
 public:
  // `done`s are posted to `loop`; both outlive this.
  Persister(FleetStore& store, Executor& loop, PersisterOptions options);
  // Commits what waits (one try) and folds, then ends the thread.
  ~Persister() override;
  Persister(const Persister&) = delete;
  Persister& operator=(const Persister&) = delete;

  // From now on a commit that fails is not tried again, and who waits for one gets its error: the
  // process ends, or somebody else owns the database.
  void StopRetrying();

  void Commit(FleetChange change, Done done) override;
  void CommitLatest(std::vector<StoredDevice> rows, Done done) override;
  void Read(Reader reader) override;
  QueueLoad load() const override;

 private:
  // A change with its done, or a reader alone.
  struct Item {
    FleetChange change;
    Done done;
    Reader reader;
    std::size_t bytes = 0;
  };
  // One turn: a reader, or one transaction, or neither: a fold.
  struct Turn {
    Reader reader;
    FleetChange change;
    std::vector<Done> dones;
    QueueLoad load;  // of the changes
  };

  void Run();
  // Waits for the next turn; nothing when stopping and done.
  std::optional<Turn> Take();
  // With the lock held.
  void TakeChanges(Turn& turn);
  void TakeLatest(Turn& turn);
  void Commit(Turn turn);
  Status CommitWithRetry(const FleetChange& change);
  // False when it is of no use.
  bool WaitToRetry();
  // With the lock held, until something is to be done; false: nothing came, it is time to fold.
  bool Wait(std::unique_lock<std::mutex>& lock);
  void Fold(std::size_t keep_bytes);

  FleetStore& store_;
  Executor& loop_;
  const PersisterOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  // Latest rows that wait, by device, and who waits for all of them.
  std::map<std::string, StoredDevice> latest_;
  std::vector<Done> latest_dones_;
  // Of changes, those in the transaction that runs included. Latest rows are bounded by the number
  // of devices, and live in memory anyway.
  QueueLoad load_;
  bool stopping_ = false;
  bool retrying_ = true;
  // Of the thread alone.
  FoldState unfolded_;
  Status last_fold_;
  std::thread thread_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_PERSISTER_H_
