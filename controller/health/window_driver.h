#ifndef FLOTILLA_CONTROLLER_HEALTH_WINDOW_DRIVER_H_
#define FLOTILLA_CONTROLLER_HEALTH_WINDOW_DRIVER_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "controller/health/aggregation_client.h"
#include "controller/health/health_store.h"
#include "controller/health/leader_keys.h"
#include "controller/health/live_task.h"
#include "controller/health/window_plan.h"
#include "telemetry/dap/leader.h"

namespace flotilla::controller {

// Everything the leader's parts rest on; outlives them.
struct HealthParts {
  HealthStore& store;
  dap::AggregatorStore& shares;
  HelperClient& helper;
  LeaderKeys& keys;
  // Its own: its tasks may block on the stores and compute for a second.
  Executor& loop;
  const Clock& clock;
  Random& random;
  // May forget the reports of all windows of a task that start before `first_kept`: they are
  // closed. Null: all are kept.
  std::function<void(const dap::TaskId& task, dap::WindowStart first_kept)> forget = nullptr;
};

// Does with the helper what PlanWindow says, one call at a time, the oldest window first; a window
// whose call failed waits (0 to 5 s, random) and is then tried again. Keeps nothing of its own: it
// may die at any moment, and the next one comes to the same result. Health loop only.
class WindowDriver {
 public:
  struct Hooks {
    std::function<void()> looked;                         // states may have changed
    std::function<void(const HealthWindowKey&)> settled;  // a window is over for good
  };

  WindowDriver(const HealthParts& parts, LiveTasks& tasks, Hooks hooks);

  // Does what is due, and comes back by itself when something will be. To be called when a report
  // or a task has come.
  void Look();

 private:
  struct Due {
    LiveTask* task = nullptr;
    dap::WindowStart window = 0;
    WindowStep step = WindowStep::kUnspecified;
    HealthWindowKey key() const { return {task->id(), window}; }
  };
  struct Retry {
    Backoff backoff;
    Duration at;  // monotonic
  };

  // How long a window is left alone after a failure; not positive: no longer.
  Duration RestOf(const HealthWindowKey& window) const;
  // The oldest window with something due, and in any case when to look again.
  std::optional<Due> FindDue(Duration& look_in);
  StatusOr<WindowPlan> PlanOf(const LiveTask& task, dap::WindowStart window, Time now) const;
  // False: waits for the helper.
  bool Do(const Due& due);
  Status Verify(const Due& due);
  Status Collect(const Due& due);
  Status Close(const Due& due, const v1::HealthWindow& shown);
  Status CloseWithout(const Due& due, v1::HealthWindowState state, const std::string& reason);
  Status OnJobAnswer(const Due& due, const StatusOr<Bytes>& answer);
  Status OnShareAnswer(const Due& due, const StatusOr<Bytes>& answer);
  Status TakeShare(const Due& due, ByteView helper_share);
  // A callback for the helper that comes back on the loop, unless this object is gone.
  HelperClient::Done<Bytes> Returning(const Due& due,
                                      Status (WindowDriver::*next)(const Due&,
                                                                   const StatusOr<Bytes>&));
  // Backs off when `status` is an error.
  void Note(const Due& due, const Status& status);

  const HealthParts parts_;
  LiveTasks& tasks_;
  const Hooks hooks_;
  std::map<HealthWindowKey, Retry> retries_;
  TimerId timer_;
  // What is on its way to the helper.
  std::optional<Due> calling_;
  dap::LeaderJob job_;
  std::vector<dap::ReportId> batch_;
  dap::LeaderCollection collection_;
  // Goes with this object.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_WINDOW_DRIVER_H_
