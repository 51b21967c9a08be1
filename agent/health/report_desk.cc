#include "agent/health/report_desk.h"

#include <utility>

#include "agent/health/health_paths.h"
#include "telemetry/dap/admission.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/dp/cost.h"

namespace flotilla::agent {
namespace {

// The spool has milliseconds.
Time Whole(Time time) {
  return FromUnixMillis(UnixMillis(time));
}

SpoolEntry EntryOf(const PlannedReport& report, ByteView sealed) {
  const dap::Task& task = *report.task;
  SpoolEntry entry;
  entry.id = task.ChargeOf(report.window);
  entry.send_at = Whole(report.send_at);
  entry.uploads_end = dap::UploadsEndAt(task, report.window);
  entry.window_start = task.StartOf(report.window);
  entry.window = task.WindowLength();
  entry.metric = task.configuration().cohort.metric;
  entry.upload.assign(task.id().bytes().begin(), task.id().bytes().end());
  entry.upload.insert(entry.upload.end(), sealed.begin(), sealed.end());
  return entry;
}

}  // namespace

ReportDesk::ReportDesk(std::filesystem::path state_dir, const Parts& parts, Spool spool)
    : state_dir_(std::move(state_dir)), parts_(parts), spool_(std::move(spool)) {}

StatusOr<ReportDesk> ReportDesk::Open(const std::filesystem::path& state_dir, const Parts& parts) {
  FLOTILLA_ASSIGN_OR_RETURN(Spool spool, Spool::Open(parts.fs, SpoolDir(state_dir)));
  return ReportDesk(state_dir, parts, std::move(spool));
}

Status ReportDesk::OpenLedger(const dp::LedgerTime& time) {
  if (ledger_ == nullptr) {
    FLOTILLA_ASSIGN_OR_RETURN(ledger_, dp::Ledger::Open(parts_.fs, LedgerPath(state_dir_), time));
  }
  return OkStatus();
}

Status ReportDesk::File(const PlannedReport& report, std::uint32_t bucket, const SealingKeys& keys,
                        const dp::LedgerTime& time) {
  const dap::Task& task = *report.task;
  if (ledger_ == nullptr) {
    return FailedPrecondition("the privacy ledger is not open");
  }
  if (spool_.entries().size() >= Spool::kMaxReports) {
    return ResourceExhausted("the spool is full");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const dp::PrivacyCost cost, dp::CostOf(task.configuration().noise));
  FLOTILLA_RETURN_IF_ERROR(ledger_->Spend(
      {task.ChargeOf(report.window), task.configuration().cohort.metric, cost}, time));
  FLOTILLA_ASSIGN_OR_RETURN(const dap::ReportBuilder builder,
                            dap::ReportBuilder::Create(task, keys.leader, keys.helper,
                                                       parts_.reporting_key, parts_.random));
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes sealed, builder.Build(report.window, bucket));
  return spool_.Put(EntryOf(report, sealed));
}

}  // namespace flotilla::agent
