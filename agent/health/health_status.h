// What this device is about to say, in words: the agent writes it to <state_dir>/health/status, so
// that `flotilla-agent privacy` can show it. It stays on the device.
#ifndef FLOTILLA_AGENT_HEALTH_HEALTH_STATUS_H_
#define FLOTILLA_AGENT_HEALTH_HEALTH_STATUS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "agent/health/health_sampler.h"
#include "agent/health/report_plan.h"
#include "agent/health/task_admission.h"
#include "base/time.h"
#include "telemetry/schema/metric_switches.h"

namespace flotilla::agent {

struct HealthStatus {
  const HealthSampler& sampler;
  const schema::MetricSwitches& switches;
  const std::vector<AdmittedTask>& tasks;
  std::vector<PlannedReport> planned;  // of windows that run
  std::size_t spooled = 0;             // reports that wait for their moment
  std::string trouble;                 // why nothing is asked or sealed; empty: none
  Duration shown;                      // of the windows that have no task
};

// For every line: each metric with the bucket that the running window of length `shown` would vote
// for now, or "off". For every task: metric, cohort, window, noise, what would be said now, the
// report's exact size on the wire and when it goes out; or why it is not answered. Pure.
std::string HealthStatusText(const HealthStatus& status);

// "12 of 32 buckets" is nothing a person reads: "ttft_p95_ms 63 to < 79.38 ms".
std::string VoteText(const schema::Metric& metric, std::uint32_t bucket);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_HEALTH_STATUS_H_
