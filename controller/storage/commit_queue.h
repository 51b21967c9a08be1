#ifndef FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_
#define FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_

#include <functional>

#include "base/status.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// Port: writes behind the fleet loop's back, in the order given. Thread-safe. Real: Persister.
// Fake: HeldCommitQueue (tests/support).
class CommitQueue {
 public:
  using Done = std::function<void(const Status&)>;
  using Reader = std::function<void(FleetStore&)>;

  virtual ~CommitQueue() = default;
  // `done` runs on the fleet loop once the change is durable, or with the error after which the
  // process has to start again from what is stored. In the order of the calls.
  virtual void Commit(FleetChange change, Done done) = 0;
  // Runs `reader` on the storage thread, after every change committed before this call.
  virtual void Read(Reader reader) = 0;

 protected:
  CommitQueue() = default;
  CommitQueue(const CommitQueue&) = default;
  CommitQueue& operator=(const CommitQueue&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_
