#include "tests/support/held_commit_queue.h"

#include <memory>
#include <utility>

namespace flotilla::controller {

void HeldCommitQueue::Commit(FleetChange change, Done done) {
  held_.emplace_back([this, change = std::move(change), done = std::move(done)] {
    const Status status = store_.Commit(change);
    if (done) {
      loop_.Post([done, status] { done(status); });
    }
  });
}

void HeldCommitQueue::CommitLatest(std::vector<StoredDevice> rows, Done done) {
  FleetChange change;
  change.devices = std::move(rows);
  Commit(std::move(change), std::move(done));
}

void HeldCommitQueue::Read(Reader reader) {
  held_.emplace_back([this, reader = std::move(reader)] { reader(store_); });
}

std::size_t HeldCommitQueue::Flush() {
  std::size_t count = 0;
  while (!held_.empty()) {
    const std::function<void()> next = std::move(held_.front());
    held_.pop_front();
    next();
    ++count;
  }
  return count;
}

}  // namespace flotilla::controller
