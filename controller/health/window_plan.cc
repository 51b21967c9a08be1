#include "controller/health/window_plan.h"

#include "telemetry/dap/admission.h"
#include "telemetry/dap/aggregation_messages.h"

namespace flotilla::controller {
namespace {

WindowPlan Due(WindowStep step) {
  return {step, v1::HEALTH_WINDOW_STATE_VERIFYING, {}};
}

// No report is taken any more.
WindowPlan PlanEnd(const dap::Task& task, dap::WindowStart window, const WindowFacts& facts,
                   Time now) {
  const bool enough = facts.accepted >= task.configuration().min_batch_size;
  if (now < dap::ClosesAt(task, window)) {
    if (facts.pending > 0) {
      return Due(WindowStep::kVerify);
    }
    return Due(enough ? WindowStep::kCollect : WindowStep::kTooFew);
  }
  if (!enough) {
    return Due(facts.pending > 0 ? WindowStep::kGiveUp : WindowStep::kTooFew);
  }
  return Due(now < CollectUntil(task, window) ? WindowStep::kCollect : WindowStep::kGiveUp);
}

}  // namespace

Time CollectUntil(const dap::Task& task, dap::WindowStart window) {
  return dap::ClosesAt(task, window) + task.WindowLength();
}

WindowPlan PlanWindow(const dap::Task& task, dap::WindowStart window, const WindowFacts& facts,
                      Time now) {
  if (now < task.EndOf(window)) {
    return {WindowStep::kWait, v1::HEALTH_WINDOW_STATE_MEASURING, task.EndOf(window)};
  }
  const Time uploads_end = dap::UploadsEndAt(task, window);
  if (now >= uploads_end) {
    return PlanEnd(task, window, facts, now);
  }
  const bool full = facts.pending >= dap::kMaxReportsOfJob;
  return {full ? WindowStep::kVerify : WindowStep::kWait, v1::HEALTH_WINDOW_STATE_REPORTING,
          uploads_end};
}

}  // namespace flotilla::controller
