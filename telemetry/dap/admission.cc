#include "telemetry/dap/admission.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace flotilla::dap {

Duration ClockLeeway(const Task& task) {
  return std::min(absl::Minutes(5), task.WindowLength());
}

Time UploadsEndAt(const Task& task, WindowStart window) {
  return task.EndOf(window) + task.WindowLength() + ClockLeeway(task);
}

Time ClosesAt(const Task& task, WindowStart window) {
  return UploadsEndAt(task, window) + task.WindowLength();
}

ReportError CheckTime(const Task& task, WindowStart window, Time now) {
  if (!task.IsWindow(window) || now >= ClosesAt(task, window)) return ReportError::kReportDropped;
  if (now + ClockLeeway(task) < task.EndOf(window)) return ReportError::kReportTooEarly;
  return ReportError::kNone;
}

StatusOr<ReportError> CheckFresh(const Task& task, const ReportMetadata& metadata,
                                 const AggregatorStore& store) {
  FLOTILLA_ASSIGN_OR_RETURN(const bool seen, store.HasReport(task.id(), metadata.id));
  if (seen) return ReportError::kReportReplayed;
  FLOTILLA_ASSIGN_OR_RETURN(const std::optional<CollectedWindow> collected,
                            store.FindCollected(task.id(), metadata.time));
  return collected.has_value() ? ReportError::kBatchCollected : ReportError::kNone;
}

StatusOr<BatchBucket> LoadBucket(const Task& task, WindowStart window,
                                 const AggregatorStore& store) {
  FLOTILLA_ASSIGN_OR_RETURN(std::optional<BatchBucket> bucket, store.FindBucket(task.id(), window));
  if (!bucket.has_value()) return EmptyBucket(task.prio3());
  return *std::move(bucket);
}

Status CheckCollectable(const Task& task, const Interval& interval, const BatchBucket& bucket,
                        Time now) {
  if (!task.IsWindow(interval.start) || interval != task.IntervalOf(interval.start)) {
    return InvalidArgument("a batch is exactly one window of the task");
  }
  if (now < task.EndOf(interval.start)) {
    return FailedPrecondition("the window is not over");
  }
  if (bucket.count < task.configuration().min_batch_size) {
    return FailedPrecondition(std::to_string(bucket.count) + " reports, fewer than the " +
                              std::to_string(task.configuration().min_batch_size) + " of the task");
  }
  return OkStatus();
}

}  // namespace flotilla::dap
