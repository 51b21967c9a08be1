#include "controller/storage/report_retention.h"

#include "base/log.h"

namespace flotilla::controller {

ReportRetention::ReportRetention(const ReportRetentionOptions& options, CommitQueue& commits,
                                 Executor& loop, const Clock& clock)
    : options_(options), commits_(commits), loop_(loop), clock_(clock) {}

void ReportRetention::Start() {
  LookAfter(options_.pause);
}

void ReportRetention::LookAfter(Duration delay) {
  loop_.PostAfter(delay, [this] { Look(); });
}

void ReportRetention::Look() {
  const Time before = clock_.Now() - options_.keep;
  commits_.Read([this, &loop = loop_, before, batch = options_.batch](FleetStore& store) {
    const StatusOr<std::size_t> removed = store.PruneReports(before, batch);
    if (!removed.ok()) {
      LogStatus(LogLevel::kWarning, "reports.not_pruned", removed.status());
    } else if (*removed > 0) {
      LogInfo("reports.pruned", {{"rows", *removed}});
    }
    const bool more = removed.ok() && *removed >= batch;
    loop.Post([this, more] { LookAfter(more ? options_.pause : options_.period); });
  });
}

}  // namespace flotilla::controller
