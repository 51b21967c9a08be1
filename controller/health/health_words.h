// Tasks and windows as people read them.
#ifndef FLOTILLA_CONTROLLER_HEALTH_HEALTH_WORDS_H_
#define FLOTILLA_CONTROLLER_HEALTH_HEALTH_WORDS_H_

#include <cstdint>
#include <span>
#include <string>

#include "flotilla/v1/health.pb.h"

#include "base/status.h"
#include "base/time.h"
#include "controller/health/task_draft.h"
#include "telemetry/dap/task.h"
#include "telemetry/dp/noise.h"

namespace flotilla::controller {

// Who runs the helper, as the configuration says.
struct HelperOperator {
  std::string name;
  enum class Independence {
    kUnspecified = 0,
    kNotIndependent,
    kIndependent
  } independence = Independence::kNotIndependent;
};

// "discrete Laplace, epsilon 1 for each of 2 windows".
std::string NoiseText(const dp::NoisePolicy& policy);

v1::HealthTask ShownTask(const TaskAsk& ask, const dap::Task& task, const HelperOperator& helper,
                         Time created_at);

// A window without a result.
v1::HealthWindow ShownWindow(const dap::Task& task, dap::WindowStart window,
                             v1::HealthWindowState state, const std::string& reason);
// A collected one. INVALID_ARGUMENT: not as many counts as the metric has buckets.
StatusOr<v1::HealthWindow> CollectedWindow(const dap::Task& task, dap::WindowStart window,
                                           std::uint64_t reports,
                                           std::span<const std::int64_t> counts);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_HEALTH_WORDS_H_
