// Recomputes a whole audit log from the pages that a controller gives. Pure but for the fetching.
#ifndef FLOTILLA_FLEETCTL_AUDIT_LOG_VERIFIER_H_
#define FLOTILLA_FLEETCTL_AUDIT_LOG_VERIFIER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "flotilla/v1/admin.pb.h"

#include "base/status.h"
#include "security/audit/audit_chain.h"

namespace flotilla::fleetctl {

struct LogPlan {
  // First entry to recompute; the stated hash of the one before it is believed.
  std::uint64_t from = 1;
  // Heads noted before. Those from before `from` cannot be compared and are passed over.
  std::vector<security::AuditHead> noted;
};

struct LogVerdict {
  std::uint64_t first_seq = 1;
  std::uint64_t entries = 0;
  security::AuditHead head;
  std::uint64_t noted_compared = 0;
};

using FetchPage = std::function<StatusOr<v1::ListAuditResponse>(const v1::ListAuditRequest&)>;

// DATA_LOSS names the seq at which the log is broken. Errors of `fetch` as they are.
StatusOr<LogVerdict> VerifyLog(const LogPlan& plan, const FetchPage& fetch);

}  // namespace flotilla::fleetctl

#endif  // FLOTILLA_FLEETCTL_AUDIT_LOG_VERIFIER_H_
