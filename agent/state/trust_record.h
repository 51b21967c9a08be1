// How fresh this device's trust is, kept for restarts and for `flotilla-agent status`.
#ifndef FLOTILLA_AGENT_STATE_TRUST_RECORD_H_
#define FLOTILLA_AGENT_STATE_TRUST_RECORD_H_

#include <optional>

#include "agent/state/state_db.h"
#include "base/status.h"
#include "base/time.h"

namespace flotilla::agent {

struct TrustRecord {
  // The last refresh that succeeded, by the clock that judges trust.
  std::optional<Time> refreshed_at;
  // Newest signed time of the online roles.
  std::optional<Time> metadata_issued;
  // Newest signing and earliest end of what publishers signed.
  std::optional<Time> publisher_issued;
  std::optional<Time> publisher_expires;
  // Since when refreshes fail, and for which reason (FailureReason); absent while they succeed.
  std::optional<Time> failing_since;
  int failure_reason = 0;
  bool stale = false;
  // The clock, as judged last: UNSPECIFIED when it is trusted.
  int clock_cause = 0;

  friend bool operator==(const TrustRecord&, const TrustRecord&) = default;
};

// Empty when there is none. DATA_LOSS: it does not parse.
StatusOr<TrustRecord> LoadTrustRecord(StateDb& db);
Status SaveTrustRecord(StateDb& db, const TrustRecord& record);

}  // namespace flotilla::agent

#endif  // FLOTILLA_AGENT_STATE_TRUST_RECORD_H_
