#ifndef FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_
#define FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "base/status.h"
#include "controller/storage/fleet_store.h"

namespace flotilla::controller {

// What waits for the disk or is on its way to it.
struct QueueLoad {
  std::size_t rows = 0;
  std::size_t bytes = 0;  // of devices and reports, as serialised
};

// Port: writes behind the fleet loop's back, changes (class A) in the order given. Thread-safe.
// Real: Persister. Fake: HeldCommitQueue (tests/support).
class CommitQueue {
 public:
  using Done = std::function<void(const Status&)>;
  using Reader = std::function<void(FleetStore&)>;

  virtual ~CommitQueue() = default;
  // `done` runs on the fleet loop once the change is durable, or with the error after which the
  // process has to start again from what is stored. In the order of the calls.
  virtual void Commit(FleetChange change, Done done) = 0;
  // Rows of which only the newest of a device counts (class B). Behind whatever Commit waits with;
  // a later row of the same device, of either call, takes the place of one that waits. `done` as
  // above, once a row of each that is at least as new is durable.
  virtual void CommitLatest(std::vector<StoredDevice> rows, Done done) = 0;
  // Runs `reader` on the storage thread, after every change committed before this call.
  virtual void Read(Reader reader) = 0;
  // How much waits now.
  virtual QueueLoad load() const { return {}; }

 protected:
  CommitQueue() = default;
  CommitQueue(const CommitQueue&) = default;
  CommitQueue& operator=(const CommitQueue&) = default;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_COMMIT_QUEUE_H_
