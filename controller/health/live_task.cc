#include "controller/health/live_task.h"

#include <algorithm>
#include <utility>

#include "telemetry/dap/admission.h"

namespace flotilla::controller {

LiveTask::LiveTask(const StoredHealthTask& stored, dap::Task task)
    : stored_(stored), task_(std::move(task)) {
  const dap::TaskConfiguration& configuration = task_.configuration();
  for (std::uint32_t look = 0; look < configuration.noise.looks; ++look) {
    windows_[configuration.interval.start + look * configuration.window];
  }
}

StatusOr<std::unique_ptr<LiveTask>> LiveTask::Create(const StoredHealthTask& stored,
                                                     const LeaderKeys& keys,
                                                     dap::AggregatorStore& shares, Random& random) {
  FLOTILLA_ASSIGN_OR_RETURN(const dap::TaskConfiguration configuration,
                            dap::TaskConfiguration::Decode(stored.configuration));
  FLOTILLA_ASSIGN_OR_RETURN(dap::Task task, dap::Task::Create(configuration));
  if (task.id() != stored.id) {
    return DataLoss("a stored health task is not what its id says");
  }
  std::unique_ptr<LiveTask> live(new LiveTask(stored, std::move(task)));
  FLOTILLA_RETURN_IF_ERROR(live->TakeKeys(keys));
  live->keys_.verify_key = stored.verify_key;
  live->keys_.collector = keys.collector();
  FLOTILLA_ASSIGN_OR_RETURN(live->leader_,
                            dap::Leader::Create(live->task_, live->keys_, shares, random));
  return live;
}

bool LiveTask::IsOpen() const {
  return std::any_of(windows_.begin(), windows_.end(),
                     [](const auto& window) { return !window.second.closed.has_value(); });
}

Time LiveTask::ReportsUntil() const {
  return dap::UploadsEndAt(task_, windows_.rbegin()->first);
}

Status LiveTask::TakeKeys(const LeaderKeys& keys) {
  FLOTILLA_ASSIGN_OR_RETURN(keys_.shares, keys.Shares());
  return OkStatus();
}

}  // namespace flotilla::controller
