// What is due now of one window of one task.
#ifndef FLOTILLA_CONTROLLER_HEALTH_WINDOW_PLAN_H_
#define FLOTILLA_CONTROLLER_HEALTH_WINDOW_PLAN_H_

#include <cstdint>

#include "flotilla/v1/health.pb.h"

#include "base/time.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/task.h"

namespace flotilla::controller {

enum class WindowStep {
  kUnspecified = 0,
  kWait,     // nothing before `look_again`, or before another report has come
  kVerify,   // a job with the oldest pending reports
  kCollect,  // every report is settled, or will never be, and they are enough
  kTooFew,   // the same, and they are not
  kGiveUp,   // the helper was away until the window closed
};

struct WindowFacts {
  std::uint64_t pending = 0;   // reports that are not settled
  std::uint64_t accepted = 0;  // reports that both aggregators have verified
};

struct WindowPlan {
  WindowStep step = WindowStep::kUnspecified;
  v1::HealthWindowState state = v1::HEALTH_WINDOW_STATE_UNSPECIFIED;
  Time look_again;  // of kWait
};

// Until this moment a window that has enough reports is tried to be collected: a window's length
// after it has closed.
Time CollectUntil(const dap::Task& task, dap::WindowStart window);

// Jobs are of the oldest dap::kMaxReportsOfJob reports as soon as there are so many, and of what is
// left once no upload is taken any more: so a job that is begun again after a crash has the same
// reports in the same order, and the helper gives the answer that it gave. Collecting freezes a
// window, so it is due only when the count is known to suffice. `window` is one of `task`. Pure.
WindowPlan PlanWindow(const dap::Task& task, dap::WindowStart window, const WindowFacts& facts,
                      Time now);

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_HEALTH_WINDOW_PLAN_H_
