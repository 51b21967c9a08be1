#include "controller/storage/persister.h"

#include <memory>
#include <utility>

#include "base/log.h"

namespace flotilla::controller {
namespace {

bool MayPass(const Status& status) {
  return status.code() == StatusCode::kUnavailable ||
         status.code() == StatusCode::kResourceExhausted;
}

}  // namespace

Persister::Persister(FleetStore& store, Executor& loop, PersisterOptions options)
    : store_(store), loop_(loop), options_(options), thread_([this] { Run(); }) {}

Persister::~Persister() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Persister::Commit(FleetChange change, Done done) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(Item{std::move(change), std::move(done), nullptr});
  }
  wake_.notify_all();
}

void Persister::Read(Reader reader) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(Item{{}, nullptr, std::move(reader)});
  }
  wake_.notify_all();
}

std::vector<Persister::Item> Persister::Take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Item> taken;
  std::size_t rows = 0;
  while (!queue_.empty()) {
    Item& next = queue_.front();
    const std::size_t more = next.change.rows();
    if (!taken.empty() && (next.reader || rows + more > options_.max_rows)) {
      break;
    }
    rows += more;
    taken.push_back(std::move(next));
    queue_.pop_front();
    if (taken.back().reader) {
      break;
    }
  }
  return taken;
}

void Persister::Run() {
  for (;;) {
    std::vector<Item> items = Take();
    if (items.empty()) {
      return;
    }
    if (items.front().reader) {
      items.front().reader(store_);
    } else {
      CommitAll(std::move(items));
    }
  }
}

void Persister::CommitAll(std::vector<Item> items) {
  FleetChange merged;
  auto dones = std::make_shared<std::vector<Done>>();
  for (Item& item : items) {
    merged.Merge(std::move(item.change));
    dones->push_back(std::move(item.done));
  }
  Status status = merged.empty() ? OkStatus() : CommitWithRetry(merged);
  loop_.Post([dones, status = std::move(status)] {
    for (const Done& done : *dones) {
      if (done) {
        done(status);
      }
    }
  });
}

Status Persister::CommitWithRetry(const FleetChange& change) {
  for (;;) {
    Status status = store_.Commit(change);
    if (status.ok() || !MayPass(status)) {
      return status;
    }
    LogStatus(LogLevel::kError, "store.commit_failed", status);
    if (!WaitToRetry()) {
      return status;
    }
  }
}

bool Persister::WaitToRetry() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, absl::ToChronoMilliseconds(options_.retry_after),
                 [this] { return stopping_; });
  return !stopping_;
}

}  // namespace flotilla::controller
