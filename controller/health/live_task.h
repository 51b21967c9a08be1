#ifndef FLOTILLA_CONTROLLER_HEALTH_LIVE_TASK_H_
#define FLOTILLA_CONTROLLER_HEALTH_LIVE_TASK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "flotilla/v1/health.pb.h"

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"
#include "controller/health/health_store.h"
#include "controller/health/leader_keys.h"
#include "telemetry/dap/aggregator_keys.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/dap/leader.h"
#include "telemetry/dap/task.h"

namespace flotilla::controller {

struct LiveWindow {
  std::uint64_t pending = 0;               // reports that are not settled
  std::optional<v1::HealthWindow> closed;  // what came of it
};

// A task of the leader with all its windows, in memory. Its address is fixed: dap::Leader points
// into it. One thread at a time.
class LiveTask {
 public:
  // `shares` and `random` outlive it. INVALID_ARGUMENT, DATA_LOSS: what was stored is no task.
  static StatusOr<std::unique_ptr<LiveTask>> Create(const StoredHealthTask& stored,
                                                    const LeaderKeys& keys,
                                                    dap::AggregatorStore& shares, Random& random);
  ~LiveTask() = default;
  LiveTask(const LiveTask&) = delete;
  LiveTask& operator=(const LiveTask&) = delete;

  const StoredHealthTask& stored() const { return stored_; }
  const dap::Task& task() const { return task_; }
  const dap::TaskId& id() const { return task_.id(); }
  dap::Leader& leader() { return *leader_; }
  // Every window of the task, by its start.
  std::map<dap::WindowStart, LiveWindow>& windows() { return windows_; }
  const std::map<dap::WindowStart, LiveWindow>& windows() const { return windows_; }
  // Some window is still to be measured, reported on or collected.
  bool IsOpen() const;
  // From here on no device has a report to send.
  Time ReportsUntil() const;
  // After LeaderKeys::Rotate.
  Status TakeKeys(const LeaderKeys& keys);

 private:
  LiveTask(const StoredHealthTask& stored, dap::Task task);

  const StoredHealthTask stored_;
  const dap::Task task_;
  dap::AggregatorKeys keys_;
  std::optional<dap::Leader> leader_;
  std::map<dap::WindowStart, LiveWindow> windows_;
};

// By id, oldest first where order matters (StoredHealthTask.shown.created_at).
using LiveTasks = std::map<dap::TaskId, std::unique_ptr<LiveTask>>;

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_LIVE_TASK_H_
