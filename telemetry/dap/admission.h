// Which reports an aggregator looks at (draft-ietf-ppm-dap-18 sections 4.5.3.4 and 4.5.4.3), and
// when a window may be collected. Both aggregators ask the same questions, each its own store.
#ifndef FLOTILLA_TELEMETRY_DAP_ADMISSION_H_
#define FLOTILLA_TELEMETRY_DAP_ADMISSION_H_

#include "base/status.h"
#include "base/time.h"
#include "telemetry/dap/aggregator_store.h"
#include "telemetry/dap/batch_bucket.h"
#include "telemetry/dap/domain.h"
#include "telemetry/dap/report.h"
#include "telemetry/dap/task.h"

namespace flotilla::dap {

// How far a device's clock may be off: five minutes, or a window where that is shorter.
Duration ClockLeeway(const Task& task);

// Reports of a window are sent during the next one, at a random moment of it; from here on the
// leader takes none of them any more.
Time UploadsEndAt(const Task& task, WindowStart window);

// From here on, a window later, no aggregator looks at them any more: as long may one of the two be
// away without a report being lost.
Time ClosesAt(const Task& task, WindowStart window);

// kReportDropped: no window of the task, or closed; kReportTooEarly: the window is not over; else
// kNone. Pure.
ReportError CheckTime(const Task& task, WindowStart window, Time now);

// kBatchCollected, kReportReplayed or kNone. Errors as of the store.
StatusOr<ReportError> CheckFresh(const Task& task, const ReportMetadata& metadata,
                                 const AggregatorStore& store);

// The stored bucket, or an empty one. Errors as of the store.
StatusOr<BatchBucket> LoadBucket(const Task& task, WindowStart window,
                                 const AggregatorStore& store);

// INVALID_ARGUMENT: `interval` is not exactly one window of the task, so that no two batches
// overlap; FAILED_PRECONDITION: the window is not over, or has fewer reports than a batch needs.
Status CheckCollectable(const Task& task, const Interval& interval, const BatchBucket& bucket,
                        Time now);

}  // namespace flotilla::dap

#endif  // FLOTILLA_TELEMETRY_DAP_ADMISSION_H_
