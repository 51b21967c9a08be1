#include "controller/storage/persister.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/log.h"

namespace flotilla::controller {
namespace {

// One row in so many of a transaction is for latest rows.
constexpr std::size_t kLatestShare = 10;

bool MayPass(const Status& status) {
  return status.code() == StatusCode::kUnavailable ||
         status.code() == StatusCode::kResourceExhausted;
}

std::size_t BytesOf(const FleetChange& change) {
  std::size_t bytes = 0;
  for (const StoredDevice& device : change.devices) {
    bytes += device.record.ByteSizeLong();
  }
  for (const StoredReport& report : change.reports) {
    bytes += report.report.ByteSizeLong();
  }
  return bytes;
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

void Persister::StopRetrying() {
  {
    const std::lock_guard lock(mutex_);
    retrying_ = false;
  }
  wake_.notify_all();
}

void Persister::Commit(FleetChange change, Done done) {
  const std::size_t bytes = BytesOf(change);
  {
    const std::lock_guard lock(mutex_);
    if (!latest_.empty()) {
      for (const StoredDevice& row : change.devices) {
        latest_.erase(row.record.id());  // this row is newer
      }
    }
    load_.rows += change.rows();
    load_.bytes += bytes;
    queue_.push_back(Item{std::move(change), std::move(done), nullptr, bytes});
  }
  wake_.notify_all();
}

void Persister::CommitLatest(std::vector<StoredDevice> rows, Done done) {
  {
    const std::lock_guard lock(mutex_);
    for (StoredDevice& row : rows) {
      std::string id = row.record.id();
      latest_.insert_or_assign(std::move(id), std::move(row));
    }
    latest_dones_.push_back(std::move(done));
  }
  wake_.notify_all();
}

void Persister::Read(Reader reader) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(Item{{}, nullptr, std::move(reader), 0});
  }
  wake_.notify_all();
}

QueueLoad Persister::load() const {
  const std::lock_guard lock(mutex_);
  return load_;
}

std::optional<Persister::Turn> Persister::Take() {
  std::unique_lock lock(mutex_);
  if (!Wait(lock)) {
    return Turn{};
  }
  if (queue_.empty() && latest_dones_.empty()) {
    return std::nullopt;
  }
  Turn turn;
  if (!queue_.empty() && queue_.front().reader) {
    turn.reader = std::move(queue_.front().reader);
    queue_.pop_front();
    return turn;
  }
  TakeChanges(turn);
  TakeLatest(turn);
  return turn;
}

bool Persister::Wait(std::unique_lock<std::mutex>& lock) {
  const auto ready = [this] { return stopping_ || !queue_.empty() || !latest_dones_.empty(); };
  if (unfolded_.size_bytes == 0) {
    wake_.wait(lock, ready);
    return true;
  }
  const Duration idle = unfolded_.going_on ? absl::ZeroDuration() : options_.fold_after;
  return wake_.wait_for(lock, absl::ToChronoMilliseconds(idle), ready);
}

void Persister::TakeChanges(Turn& turn) {
  const std::size_t kept = latest_.empty() ? 0 : options_.max_rows / kLatestShare;
  const std::size_t room = options_.max_rows - kept;
  while (!queue_.empty() && !queue_.front().reader) {
    Item& next = queue_.front();
    if (!turn.dones.empty() && turn.change.rows() + next.change.rows() > room) {
      return;
    }
    turn.load.rows += next.change.rows();
    turn.load.bytes += next.bytes;
    turn.change.Merge(std::move(next.change));
    turn.dones.push_back(std::move(next.done));
    queue_.pop_front();
  }
}

void Persister::TakeLatest(Turn& turn) {
  const std::size_t taken = turn.change.rows();
  std::size_t room = options_.max_rows - std::min(taken, options_.max_rows);
  room = std::max(room, std::max<std::size_t>(options_.max_rows / kLatestShare, 1));
  while (room > 0 && !latest_.empty()) {
    turn.change.devices.push_back(std::move(latest_.begin()->second));
    latest_.erase(latest_.begin());
    --room;
  }
  if (latest_.empty()) {
    std::move(latest_dones_.begin(), latest_dones_.end(), std::back_inserter(turn.dones));
    latest_dones_.clear();
  }
}

void Persister::Run() {
  while (std::optional<Turn> turn = Take()) {
    if (turn->reader) {
      turn->reader(store_);
    } else if (turn->dones.empty() && turn->change.empty()) {
      Fold(0);
    } else {
      Commit(*std::move(turn));
      Fold(options_.fold_above_bytes);
    }
  }
  do {
    Fold(0);
  } while (last_fold_.ok() && unfolded_.size_bytes > 0);
}

void Persister::Fold(std::size_t keep_bytes) {
  const StatusOr<FoldState> folded = store_.Fold(keep_bytes);
  if (folded.ok()) {
    unfolded_ = *folded;
  } else {
    unfolded_.going_on = false;  // not at once again
    if (last_fold_.ok()) {
      LogStatus(LogLevel::kError, "store.fold_failed", folded.status());
    }
  }
  last_fold_ = folded.status();
}

void Persister::Commit(Turn turn) {
  Status status = turn.change.empty() ? OkStatus() : CommitWithRetry(turn.change);
  {
    const std::lock_guard lock(mutex_);
    load_.rows -= turn.load.rows;
    load_.bytes -= turn.load.bytes;
  }
  loop_.Post([dones = std::make_shared<std::vector<Done>>(std::move(turn.dones)),
              status = std::move(status)] {
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
                 [this] { return stopping_ || !retrying_; });
  return !stopping_ && retrying_;
}

}  // namespace flotilla::controller
