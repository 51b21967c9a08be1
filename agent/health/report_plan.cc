#include "agent/health/report_plan.h"

#include "base/status.h"
#include "telemetry/dap/admission.h"
#include "telemetry/schema/report_moment.h"

namespace flotilla::agent {

void ReportPlan::Plan(std::span<const std::shared_ptr<const dap::Task>> tasks, Time now) {
  for (const std::shared_ptr<const dap::Task>& task : tasks) {
    const StatusOr<dap::WindowStart> window = task->WindowAt(now);
    if (!window.ok() || planned_.contains({task->id(), *window})) {
      continue;
    }
    const StatusOr<Time> moment = schema::ReportMoment(now, task->WindowLength(), random_);
    if (moment.ok()) {
      planned_.emplace(Key{task->id(), *window}, PlannedReport{task, *window, *moment});
    }
  }
}

std::vector<PlannedReport> ReportPlan::TakeDue(Time now) {
  std::vector<PlannedReport> due;
  for (auto next = planned_.begin(); next != planned_.end();) {
    const PlannedReport& report = next->second;
    if (now < report.task->EndOf(report.window)) {
      ++next;
      continue;
    }
    if (now < dap::UploadsEndAt(*report.task, report.window)) {
      due.push_back(report);
    }
    next = planned_.erase(next);
  }
  return due;
}

std::vector<PlannedReport> ReportPlan::Running() const {
  std::vector<PlannedReport> running;
  for (const auto& [key, report] : planned_) {
    running.push_back(report);
  }
  return running;
}

}  // namespace flotilla::agent
