#ifndef FLOTILLA_TESTS_SUPPORT_HELD_COMMIT_QUEUE_H_
#define FLOTILLA_TESTS_SUPPORT_HELD_COMMIT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "base/executor.h"
#include "controller/storage/commit_queue.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// CommitQueue that does nothing until it is told to. One thread.
class HeldCommitQueue final : public CommitQueue {
 public:
  HeldCommitQueue(FleetStore& store, Executor& loop) : store_(store), loop_(loop) {}

  void Commit(FleetChange change, Done done) override;
  void CommitLatest(std::vector<StoredDevice> rows, Done done) override;
  void Read(Reader reader) override;
  QueueLoad load() const override { return load_; }

  // Does all that waits, in order; `done`s are posted. How much it was.
  std::size_t Flush();
  std::size_t waiting() const { return held_.size(); }
  // What load() tells, whatever is held.
  void PretendLoad(const QueueLoad& load) { load_ = load; }

 private:
  FleetStore& store_;
  Executor& loop_;
  std::deque<std::function<void()>> held_;
  QueueLoad load_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_TESTS_SUPPORT_HELD_COMMIT_QUEUE_H_
