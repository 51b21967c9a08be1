#ifndef FLOTILLA_AGENT_HEALTH_REPORT_PLAN_H_
#define FLOTILLA_AGENT_HEALTH_REPORT_PLAN_H_

#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "telemetry/dap/task.h"

namespace flotilla::agent {

// The report of one task on one window, and when it goes out.
struct PlannedReport {
  std::shared_ptr<const dap::Task> task;
  dap::WindowStart window = 0;
  Time send_at;
};

// When to report. The moment of a report is drawn while its window runs, once, whatever happens in
// it; a window that this device did not see running has no report. Pure but for `random`, which
// must outlive it.
class ReportPlan {
 public:
  explicit ReportPlan(Random& random) : random_(random) {}

  // Draws what is missing for the windows that `now` lies in. A task that is in no list any more
  // keeps the window it has begun.
  void Plan(std::span<const std::shared_ptr<const dap::Task>> tasks, Time now);
  // Those whose window is over, by task; they are forgotten here. Not those whose uploads have
  // ended: the device slept too long.
  std::vector<PlannedReport> TakeDue(Time now);

  // Those of windows that run, by task.
  std::vector<PlannedReport> Running() const;

 private:
  using Key = std::pair<dap::TaskId, dap::WindowStart>;

  Random& random_;
  std::map<Key, PlannedReport> planned_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_REPORT_PLAN_H_
