#include "tests/support/memory_health_store.h"

#include <algorithm>
#include <iterator>

namespace flotilla::controller {

StatusOr<HealthSnapshot> MemoryHealthStore::Load() {
  const std::lock_guard lock(mutex_);
  HealthSnapshot snapshot;
  snapshot.tasks = tasks_;
  for (const auto& [key, closed] : closed_) {
    snapshot.closed.push_back(closed);
  }
  for (const auto& [key, reports] : pending_) {
    if (!reports.empty()) {
      snapshot.pending[key] = reports.size();
    }
  }
  return snapshot;
}

Status MemoryHealthStore::PutTask(const StoredHealthTask& task) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(tasks_.begin(), tasks_.end(), [&](const StoredHealthTask& other) {
    return other.id == task.id;
  });
  if (found == tasks_.end()) {
    tasks_.push_back(task);
  } else {
    *found = task;
  }
  return OkStatus();
}

StatusOr<Taking> MemoryHealthStore::PutReport(const PendingReport& report) {
  const std::lock_guard lock(mutex_);
  std::vector<PendingReport>& reports = pending_[{report.task, report.window}];
  const bool known = std::any_of(reports.begin(), reports.end(),
                                 [&](const PendingReport& other) { return other.id == report.id; });
  if (known) {
    return Taking::kKnown;
  }
  reports.push_back(report);
  return Taking::kNew;
}

StatusOr<std::vector<PendingReport>> MemoryHealthStore::OldestReports(const HealthWindowKey& window,
                                                                      std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const std::vector<PendingReport>& reports = pending_[window];
  const auto count = static_cast<std::ptrdiff_t>(std::min(limit, reports.size()));
  return std::vector<PendingReport>(reports.begin(), std::next(reports.begin(), count));
}

Status MemoryHealthStore::Settle(const HealthWindowKey& window,
                                 std::span<const dap::ReportId> settled) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pending_[window], [&](const PendingReport& report) {
    return std::find(settled.begin(), settled.end(), report.id) != settled.end();
  });
  return OkStatus();
}

Status MemoryHealthStore::CloseWindow(const ClosedHealthWindow& closed) {
  const std::lock_guard lock(mutex_);
  closed_.insert_or_assign({closed.task, closed.window}, closed);
  pending_.erase({closed.task, closed.window});
  return OkStatus();
}

}  // namespace flotilla::controller
