#ifndef FLOTILLA_CONTROLLER_STORAGE_REPORT_RETENTION_H_
#define FLOTILLA_CONTROLLER_STORAGE_REPORT_RETENTION_H_

#include <cstddef>

#include "base/clock.h"
#include "base/executor.h"
#include "base/time.h"
#include "controller/storage/commit_queue.h"

namespace flotilla::controller {

struct ReportRetentionOptions {
  // Reports that came in longer ago are removed.
  Duration keep = absl::Hours(90 * 24);
  // Rows of one transaction: commits of devices wait no longer than these take.
  std::size_t batch = 1000;
  // Between batches while there is more to remove, and between looks when there is not.
  Duration pause = absl::Seconds(1);
  Duration period = absl::Hours(1);
};

// Removes old reports, a batch at a time, between other commits; the audit log stays whole. Lives
// on the loop behind `loop`. Everything passed in outlives it, and the loop has stopped before it
// goes.
class ReportRetention {
 public:
  ReportRetention(const ReportRetentionOptions& options, CommitQueue& commits, Executor& loop,
                  const Clock& clock);

  // Looks for the first time after one `pause`.
  void Start();

 private:
  void LookAfter(Duration delay);
  void Look();

  const ReportRetentionOptions options_;
  CommitQueue& commits_;
  Executor& loop_;
  const Clock& clock_;
};

}  // namespace flotilla::controller

#endif  // FLOTILLA_CONTROLLER_STORAGE_REPORT_RETENTION_H_
