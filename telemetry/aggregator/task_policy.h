// Which tasks a helper takes part in. What it lets pass here no leader can weaken later: the
// configuration is in the associated data of every share.
#ifndef FLOTILLA_TELEMETRY_AGGREGATOR_TASK_POLICY_H_
#define FLOTILLA_TELEMETRY_AGGREGATOR_TASK_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/task_configuration.h"

namespace flotilla::telemetry {

enum class Demonstrations { kUnspecified = 0, kRefused, kAllowed };

struct TaskPolicy {
  std::string endpoint;                                          // "host:port" of this helper
  std::uint64_t minimum_batch = dap::kLeastBatchSize;            // distinct devices
  Demonstrations demonstrations = Demonstrations::kUnspecified;  // windows of seconds
};

inline constexpr std::size_t kMaxLiveTasks = 256;
// A window: long enough for a month, short enough that what is remembered of a device for
// dp::kBudgetWindow outlives the window's last report.
constexpr Duration kLongestWindow = absl::Hours(24 * 31);
// How far ahead a task may begin.
constexpr Duration kFurthestBegin = absl::Hours(24 * 366);

// INVALID_ARGUMENT: what TaskConfiguration::Check refuses. PERMISSION_DENIED: the text names the
// rule: another helper's endpoint or schema, a metric that is none or has other buckets, a batch
// smaller than the policy's, noise weaker than
//   the gate's verdict     discrete Laplace, epsilon <= 1, at most 2 looks
//   every other metric     discrete Laplace, epsilon <= 1/2, windows of 30 days or more; or
//                          discrete Gaussian, sigma >= 20, windows of 7 days or more
//   a demonstration        only where allowed; discrete Laplace, epsilon <= 1, at most 4 looks
// windows longer than kLongestWindow, or a begin beyond kFurthestBegin. FAILED_PRECONDITION: the
// first window has begun. RESOURCE_EXHAUSTED: there are kMaxLiveTasks. Pure.
Status CheckTask(const dap::TaskConfiguration& task, const TaskPolicy& policy,
                 std::size_t live_tasks, Time now);

}  // namespace flotilla::telemetry

#endif  // FLOTILLA_TELEMETRY_AGGREGATOR_TASK_POLICY_H_
