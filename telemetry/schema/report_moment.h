// When a device reports: once in each window, at a moment that says nothing about what it did.
#ifndef FLOTILLA_TELEMETRY_SCHEMA_REPORT_MOMENT_H_
#define FLOTILLA_TELEMETRY_SCHEMA_REPORT_MOMENT_H_

#include "base/random.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::schema {

// [start, end). Windows of one length follow each other without a gap from the Unix epoch on, so
// that the windows of all devices are the same.
struct WindowSpan {
  Time start;
  Time end;
};

// The window that `now` lies in. INVALID_ARGUMENT: `length` is not a whole number of seconds, or
// not 1 s to 366 days; `now` is infinite or more than 10,000 years from the epoch.
StatusOr<WindowSpan> WindowAt(Time now, Duration length);

// When to send the report on the window that `now` lies in: uniform over the milliseconds of the
// window after it. Draw it once per window, before the window ends, whatever happened in it. Errors
// of WindowAt.
StatusOr<Time> ReportMoment(Time now, Duration length, Random& random);

}  // namespace flotilla::schema

#endif  // FLOTILLA_TELEMETRY_SCHEMA_REPORT_MOMENT_H_
