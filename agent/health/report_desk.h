#ifndef FLOTILLA_AGENT_HEALTH_REPORT_DESK_H_
#define FLOTILLA_AGENT_HEALTH_REPORT_DESK_H_

#include <cstdint>
#include <filesystem>
#include <memory>

#include "agent/health/report_plan.h"
#include "agent/health/spool.h"
#include "agent/health/task_admission.h"
#include "base/durable_fs.h"
#include "base/random.h"
#include "base/status.h"
#include "security/signer.h"
#include "telemetry/dp/ledger.h"

namespace flotilla::agent {

// Turns a vote into a sealed report: pays for it in the ledger, builds it, puts it into the spool,
// in this order. Blocking: a few disk syncs each. One thread. Everything passed in outlives it.
// Crash: after the charge and before the spool the report is lost, and that window stays silent;
// there is never a second report of one task and window.
class ReportDesk {
 public:
  struct Parts {
    DurableFs& fs;
    Random& random;
    security::Signer& reporting_key;
  };
  // Errors as of Spool::Open.
  static StatusOr<ReportDesk> Open(const std::filesystem::path& state_dir, const Parts& parts);

  // Reads the ledger, once; a later call does nothing. Errors as of dp::Ledger::Open.
  Status OpenLedger(const dp::LedgerTime& time);
  // nullptr until it is open.
  const dp::Ledger* ledger() const { return ledger_.get(); }

  // FAILED_PRECONDITION: the ledger is not open; RESOURCE_EXHAUSTED: the budget is spent, or the
  // spool is full, and nothing was charged; ALREADY_EXISTS: that task and window was charged; else
  // as of ReportBuilder and the disk, and the window stays silent.
  Status File(const PlannedReport& report, std::uint32_t bucket, const SealingKeys& keys,
              const dp::LedgerTime& time);

  Spool& spool() { return spool_; }
  const Spool& spool() const { return spool_; }

 private:
  ReportDesk(std::filesystem::path state_dir, const Parts& parts, Spool spool);

  std::filesystem::path state_dir_;
  Parts parts_;
  Spool spool_;
  std::unique_ptr<dp::Ledger> ledger_;
};

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_HEALTH_REPORT_DESK_H_
